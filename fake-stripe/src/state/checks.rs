//! Whether what a test gives fits the schema and the account: names, kinds, words and references.

use serde_json::{Map, Value};
use stripe_sync_schema::fields::{self, Field, Kind, Step};
use stripe_sync_schema::{catalogue, nearest};

use crate::data::currency;
use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::generate::vocabulary;
use crate::state::State;

/// Checks the members of an object that is made or changed.
pub(crate) fn members(
    state: &State,
    scope: &Scope,
    object: &'static str,
    given: &Map<String, Value>,
) -> Result<(), FakeError> {
    let check = Check {
        state,
        scope,
        object,
    };
    check.members(given, &mut Vec::new())
}

/// Objects of which nobody has less than nothing.
const PAYMENTS: [&str; 6] = [
    "charge",
    "payment_intent",
    "payout",
    "refund",
    "topup",
    "transfer",
];
/// Members that are shares of a hundred.
const PERCENT: [&str; 3] = ["application_fee_percent", "percent_off", "percentage"];

struct Check<'a> {
    state: &'a State,
    scope: &'a Scope,
    object: &'static str,
}

impl Check<'_> {
    fn members(
        &self,
        given: &Map<String, Value>,
        path: &mut Vec<Step<'static>>,
    ) -> Result<(), FakeError> {
        let known = fields::children(self.object, path);
        for (name, value) in given {
            let Some(field) = known.iter().find(|field| field.name == name) else {
                if known.is_empty() || known.iter().any(|field| field.open) {
                    continue;
                }
                return Err(self.unknown(name, path, &known));
            };
            path.push(Step::Key(field.name));
            let checked = self.value(field, value, path);
            path.pop();
            checked?;
        }
        Ok(())
    }

    fn unknown(&self, name: &str, path: &[Step<'_>], known: &[Field]) -> FakeError {
        let near = nearest(name, known.iter().map(|field| field.name));
        FakeError::UnknownMember {
            object: self.object.to_owned(),
            member: written(path, Some(name)),
            suggestions: near.into_iter().map(str::to_owned).collect(),
        }
    }

    fn value(
        &self,
        field: &Field,
        value: &Value,
        path: &mut Vec<Step<'static>>,
    ) -> Result<(), FakeError> {
        if value.is_null() && (field.nullable || field.optional) {
            return Ok(());
        }
        let expected = match field.kind {
            Kind::Text if !field.values.is_empty() => return self.word(&field.values, value, path),
            Kind::Text if path.len() == 1 && vocabulary::has_words(self.object, field.name) => {
                let words = vocabulary::words(self.object, field.name).unwrap_or_default();
                return self.word(words, value, path);
            }
            Kind::Currency => match value.as_str() {
                Some(code) if currency::is_known(&code.to_lowercase()) => return Ok(()),
                _ => "a currency of Stripe's, such as `usd`",
            },
            Kind::Text | Kind::Decimal | Kind::IntegerText | Kind::Date | Kind::Timestamp => {
                if value.is_string() {
                    return Ok(());
                } else {
                    "a string"
                }
            }
            Kind::Boolean => {
                if value.is_boolean() {
                    return Ok(());
                } else {
                    "true or false"
                }
            }
            Kind::Amount if path.len() == 1 && PAYMENTS.contains(&self.object) => {
                match value.as_i64() {
                    Some(0..) => return Ok(()),
                    _ => "an integer of 0 or more",
                }
            }
            Kind::Integer | Kind::UnixTime | Kind::Amount => {
                if value.is_i64() {
                    return Ok(());
                } else {
                    "an integer"
                }
            }
            Kind::Number if PERCENT.contains(&field.name) => match value.as_f64() {
                Some(0.0..=100.0) => return Ok(()),
                _ => "a number from 0 to 100",
            },
            Kind::Number => {
                if value.is_number() {
                    return Ok(());
                } else {
                    "a number"
                }
            }
            Kind::Map => match value {
                Value::Object(given) if field.name == "metadata" => match metadata(given) {
                    None => return Ok(()),
                    Some(expected) => expected,
                },
                Value::Object(_) => return Ok(()),
                _ => "an object",
            },
            Kind::Object => match value {
                Value::Object(given) => return self.members(given, path),
                _ => "an object",
            },
            Kind::Array => match value {
                Value::Array(items) => return self.items(items, path),
                _ => "an array",
            },
            Kind::List => {
                if value.is_array() || value.is_object() {
                    return Ok(());
                } else {
                    "an array of rows"
                }
            }
            Kind::Resource => {
                if value.is_object() || value.is_string() {
                    return Ok(());
                } else {
                    "an object, or its id"
                }
            }
            Kind::Reference => match value {
                Value::String(id) => return self.reference(field, id, path),
                Value::Object(_) => return Ok(()),
                _ => "an id",
            },
            _ => return Ok(()),
        };
        Err(FakeError::WrongKind {
            object: self.object.to_owned(),
            member: written(path, None),
            expected: expected.to_owned(),
            got: form(value),
        })
    }

    fn items(&self, items: &[Value], path: &mut Vec<Step<'static>>) -> Result<(), FakeError> {
        let Some(element) = fields::element(self.object, path) else {
            return Ok(());
        };
        path.push(Step::Index(0));
        for item in items {
            self.value(&element, item, path)?;
        }
        path.pop();
        Ok(())
    }

    /// A word of Stripe's list, be the list one that may grow: a test that wants a word to come says that it is not checked.
    fn word(
        &self,
        words: &[&'static str],
        value: &Value,
        path: &[Step<'_>],
    ) -> Result<(), FakeError> {
        let expected = match value.as_str() {
            Some(word) if words.contains(&word) => return Ok(()),
            Some(word) => {
                /// A longer list helps nobody.
                const SHOWN: usize = 8;
                let mut near = nearest(word, words.iter().copied());
                if near.is_empty() {
                    near = words.iter().copied().take(SHOWN).collect();
                }
                format!("one of Stripe's words, such as `{}`", near.join("`, `"))
            }
            None => "a string".to_owned(),
        };
        Err(FakeError::WrongKind {
            object: self.object.to_owned(),
            member: written(path, None),
            expected,
            got: if value.is_string() {
                "another word"
            } else {
                form(value)
            },
        })
    }

    /// An object that is there.
    fn reference(&self, field: &Field, id: &str, path: &[Step<'_>]) -> Result<(), FakeError> {
        let partition = self.state.partition(self.scope)?;
        let is_known = field.targets.iter().any(|target| match *target {
            "account" if self.state.accounts.contains_key(id) => true,
            target if catalogue::resource(target).is_none() => true,
            target => partition
                .collection(target)
                .is_some_and(|collection| collection.get(id).is_some()),
        });
        if is_known || field.targets.is_empty() {
            return Ok(());
        }
        Err(FakeError::NoSuchReference {
            object: self.object.to_owned(),
            member: written(path, None),
            id: id.to_owned(),
            target: field.targets.join("` or `"),
        })
    }
}

/// What is wrong with metadata, as what Stripe takes (docs.stripe.com/api/metadata).
fn metadata(given: &Map<String, Value>) -> Option<&'static str> {
    const KEYS: usize = 50;
    const LONGEST_KEY: usize = 40;
    const LONGEST_VALUE: usize = 500;
    if given.len() > KEYS {
        return Some("metadata of at most 50 keys");
    }
    if given.keys().any(|key| key.chars().count() > LONGEST_KEY) {
        return Some("metadata with keys of at most 40 characters");
    }
    let is_fine = |value: &Value| match value {
        // Takes the key away.
        Value::Null => true,
        Value::String(text) => text.chars().count() <= LONGEST_VALUE,
        _ => false,
    };
    (!given.values().all(is_fine))
        .then_some("metadata whose values are strings of at most 500 characters")
}

/// A path as a user writes it.
fn written(path: &[Step<'_>], last: Option<&str>) -> String {
    let mut text = String::new();
    for step in path.iter().copied().chain(last.map(Step::Key)) {
        match step {
            Step::Key(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Index(_) => text.push_str("[]"),
        }
    }
    text
}

fn form(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
