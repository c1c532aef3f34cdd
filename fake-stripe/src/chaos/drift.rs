//! Schema drift: what Stripe may change at any time without a new API version.

use serde_json::{Value, json};

/// How far the objects that the fake makes up drift from the schema, drawn by seed. All shares (0 to 1) are 0 by default.
///
/// Drift is applied when an object is stored, so that [`truth`](crate::FakeAccount::truth) shows what the API returns.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[must_use]
pub struct Drift {
    pub(crate) shuffle_keys: bool,
    pub(crate) unknown_fields: f64,
    pub(crate) unknown_values: f64,
    pub(crate) nulls: f64,
}

impl Drift {
    /// No drift.
    pub fn none() -> Self {
        Self::default()
    }

    /// Objects are written with their keys in random order.
    pub fn shuffle_keys(mut self) -> Self {
        self.shuffle_keys = true;
        self
    }

    /// Share of objects with a field that the schema does not know.
    pub fn unknown_fields(mut self, share: f64) -> Self {
        self.unknown_fields = share;
        self
    }

    /// Share of objects in which one enum value is one that the schema does not know.
    pub fn unknown_values(mut self, share: f64) -> Self {
        self.unknown_values = share;
        self
    }

    /// Share of objects in which a field that the schema calls non-null is null.
    pub fn nulls(mut self, share: f64) -> Self {
        self.nulls = share;
        self
    }

    /// Changes an object that was just made up. `enums` and `required` are its top-level fields of that sort;
    /// those in `fixed` were given by the test and stay.
    pub(crate) fn apply(
        &self,
        value: &mut Value,
        enums: &[&'static str],
        required: &[&'static str],
        fixed: &Value,
        rng: &mut fastrand::Rng,
    ) {
        let Some(members) = value.as_object_mut() else {
            return;
        };
        let free = |name: &&&'static str| fixed.get(**name).is_none() && !IDENTITY.contains(*name);
        if rng.f64() < self.unknown_values {
            let names: Vec<_> = enums
                .iter()
                .filter(free)
                .filter(|name| members.get(**name).is_some_and(Value::is_string))
                .collect();
            if let Some(name) = rng.choice(names) {
                members.insert(
                    (*name).to_owned(),
                    json!(format!("brand_new_value_{}", rng.u8(..))),
                );
            }
        }
        if rng.f64() < self.nulls {
            let names: Vec<_> = required.iter().filter(free).collect();
            if let Some(name) = rng.choice(names) {
                members.insert((*name).to_owned(), Value::Null);
            }
        }
        if rng.f64() < self.unknown_fields {
            let field = json!({ "enabled": rng.bool(), "since": rng.u32(..), "nested": [null, { "deep": "x" }] });
            members.insert(format!("brand_new_field_{}", rng.u8(..)), field);
        }
    }
}

/// Fields without which an object is not the same object any more.
const IDENTITY: [&str; 5] = ["id", "object", "created", "livemode", "date"];
