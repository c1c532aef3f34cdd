//! All objects of a fake as an accountant would look at them: by id, and by what refers to them.

use std::collections::{BTreeMap, HashMap, HashSet};

use fake_stripe::FakeStripe;
use serde_json::Value;
use stripe_sync_schema::catalogue;

use crate::schema::{self, Finding};

/// The links that are followed backwards: (object, path of the member that holds the other's id).
const LINKS: [(&str, &str); 18] = [
    ("charge", "/payment_intent"),
    ("refund", "/charge"),
    ("dispute", "/charge"),
    ("line_item", "/invoice"),
    ("invoice_payment", "/invoice"),
    ("invoice_payment", "/payment/payment_intent"),
    ("invoice", "/parent/subscription_details/subscription"),
    ("invoice", "/customer"),
    ("invoice", "/number"),
    ("subscription_item", "/subscription"),
    ("subscription", "/customer"),
    ("credit_note", "/invoice"),
    ("transfer_reversal", "/transfer"),
    ("fee_refund", "/fee"),
    ("price", "/product"),
    ("price", "/lookup_key"),
    ("customer", "/invoice_prefix"),
    ("customer_balance_transaction", "/customer"),
];

/// What the invariants are asked about.
pub(crate) struct Account {
    /// The account's own id.
    pub(crate) id: String,
    /// The fake's clock.
    pub(crate) now: i64,
    /// The fake's clock when the objects were generated: before it was moved.
    pub(crate) began: i64,
    pub(crate) livemode: bool,
    objects: BTreeMap<&'static str, Vec<Value>>,
    /// Where an id is. The ids of plans and prices are the same at Stripe, so a price counts before its plan.
    at: HashMap<String, (&'static str, usize)>,
    plans: HashSet<String>,
    gone: HashSet<String>,
    links: HashMap<(&'static str, &'static str, String), Vec<usize>>,
    findings: HashMap<(&'static str, String), Vec<Finding>>,
}

impl Account {
    /// The account as it is now. `gone` are the ids of what was deleted.
    pub(crate) fn of(fake: &FakeStripe, began: i64, gone: HashSet<String>) -> Self {
        let mut account = Self {
            id: fake.id().to_owned(),
            now: fake.now(),
            began,
            livemode: fake.mode().livemode(),
            objects: BTreeMap::new(),
            at: HashMap::new(),
            plans: HashSet::new(),
            gone,
            links: HashMap::new(),
            findings: HashMap::new(),
        };
        for resource in catalogue::resources() {
            // Events hold objects as they were; they are judged by the test of events.
            if resource.object != "event" {
                account.add(resource.object, fake.truth(resource.object));
            }
        }
        account.look_through();
        account
    }

    /// An account of these objects alone, for the judge's own tests.
    pub(crate) fn made_of(objects: &[Value]) -> Self {
        let mut account = Self {
            id: "acct_1".to_owned(),
            now: 2_000_000_000,
            began: 2_000_000_000,
            livemode: false,
            objects: BTreeMap::new(),
            at: HashMap::new(),
            plans: HashSet::new(),
            gone: HashSet::new(),
            links: HashMap::new(),
            findings: HashMap::new(),
        };
        for resource in catalogue::resources() {
            let of_kind = objects
                .iter()
                .filter(|object| object["object"] == resource.object)
                .cloned()
                .collect();
            account.add(resource.object, of_kind);
        }
        account.look_through();
        account
    }

    fn add(&mut self, object: &'static str, values: Vec<Value>) {
        if values.is_empty() {
            return;
        }
        for (place, value) in values.iter().enumerate() {
            let id = text(value, "id");
            if object == "plan" {
                self.plans.insert(id.to_owned());
                self.at.entry(id.to_owned()).or_insert((object, place));
            } else {
                self.at.insert(id.to_owned(), (object, place));
            }
            for (of, path) in LINKS.iter().filter(|(of, _)| *of == object) {
                if let Some(other) = value.pointer(path).and_then(Value::as_str) {
                    let link = (*of, *path, other.to_owned());
                    self.links.entry(link).or_default().push(place);
                }
            }
        }
        self.objects.insert(object, values);
    }

    fn look_through(&mut self) {
        let mut all = HashMap::new();
        for (object, values) in &self.objects {
            for value in values {
                let mut findings = Vec::new();
                schema::look_through(self, object, value, &mut findings);
                if !findings.is_empty() {
                    all.insert((*object, text(value, "id").to_owned()), findings);
                }
            }
        }
        self.findings = all;
    }

    /// What the schema's walk found in an object.
    pub(crate) fn findings(&self, object: &Value) -> &[Finding] {
        let name = self.objects.keys().find(|name| object["object"] == **name);
        name.and_then(|name| self.findings.get(&(*name, text(object, "id").to_owned())))
            .map_or(&[], Vec::as_slice)
    }

    /// All objects of a name, oldest first.
    pub(crate) fn all(&self, object: &str) -> &[Value] {
        self.objects.get(object).map_or(&[], Vec::as_slice)
    }

    /// All objects.
    pub(crate) fn everything(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.objects
            .iter()
            .flat_map(|(name, values)| values.iter().map(|value| (*name, value)))
    }

    /// The object with the id that stands in a member.
    pub(crate) fn get(&self, id: &Value) -> Option<&Value> {
        let (object, place) = self.at.get(id.as_str()?)?;
        self.objects.get(object)?.get(*place)
    }

    /// As [`Account::get`], only if it is of this kind.
    pub(crate) fn get_a(&self, object: &str, id: &Value) -> Option<&Value> {
        self.get(id).filter(|value| value["object"] == object)
    }

    /// The objects whose member at this path holds the id.
    pub(crate) fn pointing(
        &self,
        object: &'static str,
        path: &'static str,
        id: &Value,
    ) -> Vec<&Value> {
        debug_assert!(LINKS.contains(&(object, path)), "{object}{path}");
        let Some(id) = id.as_str() else {
            return Vec::new();
        };
        let places = self.links.get(&(object, path, id.to_owned()));
        places
            .into_iter()
            .flatten()
            .filter_map(|place| self.objects.get(object)?.get(*place))
            .collect()
    }

    /// Whether an object of one of these kinds has this id, or had it before it was deleted.
    pub(crate) fn resolves(&self, targets: &[&str], id: &str) -> bool {
        if self.gone.contains(id) || targets.contains(&"account") && id == self.id {
            return true;
        }
        match self.at.get(id) {
            // Every recurring price is a plan with the same id.
            Some((object, _)) => {
                targets.contains(object)
                    || targets.contains(&"plan") && (*object == "price" || self.plans.contains(id))
            }
            None => false,
        }
    }

    /// Whether the object with this id was deleted.
    pub(crate) fn is_gone(&self, id: &Value) -> bool {
        id.as_str().is_some_and(|id| self.gone.contains(id))
    }
}

/// A member that is a string; empty if it is none.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// A member that is an integer; 0 if it is none. That members are there is an invariant of its own.
pub(crate) fn int(value: &Value, member: &str) -> i64 {
    value[member].as_i64().unwrap_or_default()
}

/// The elements of a member that is an array.
pub(crate) fn rows<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

/// The sum of a member over rows.
pub(crate) fn sum<'a>(rows: impl IntoIterator<Item = &'a Value>, member: &str) -> i64 {
    rows.into_iter().map(|row| int(row, member)).sum()
}

/// Whether a member is not null and there.
pub(crate) fn is_set(value: &Value, member: &str) -> bool {
    !value[member].is_null()
}

/// Whether a member is one of these words.
pub(crate) fn among(value: &Value, member: &str, words: &[&str]) -> bool {
    words.contains(&text(value, member))
}
