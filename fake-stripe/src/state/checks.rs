//! Whether what a test gives fits the schema and the account: names, kinds, words and references.

use serde_json::{Map, Value};
use stripe_sync_schema::fields::{self, Field, Kind, Step};
use stripe_sync_schema::{catalogue, nearest};

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
            Kind::Text
            | Kind::Currency
            | Kind::Decimal
            | Kind::IntegerText
            | Kind::Date
            | Kind::Timestamp => {
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
            Kind::Integer | Kind::UnixTime | Kind::Amount => {
                if value.is_i64() {
                    return Ok(());
                } else {
                    "an integer"
                }
            }
            Kind::Number => {
                if value.is_number() {
                    return Ok(());
                } else {
                    "a number"
                }
            }
            Kind::Map => {
                if value.is_object() {
                    return Ok(());
                } else {
                    "an object"
                }
            }
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

    /// An object that is there, or was.
    fn reference(&self, field: &Field, id: &str, path: &[Step<'_>]) -> Result<(), FakeError> {
        let partition = self.state.partition(self.scope)?;
        let is_known = field.targets.iter().any(|target| match *target {
            "account" => self.state.accounts.contains_key(id),
            target if catalogue::resource(target).is_none() => true,
            target => partition
                .collection(target)
                .is_some_and(|collection| collection.get(id).is_some() || collection.is_gone(id)),
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
