//! An object on its way into an account.

use std::sync::Arc;

use serde_json::{Map, Value};
use stripe_sync_schema::catalogue::Embedded;

use crate::chaos::nasty::Oddities;
use crate::data::difference::merge;
use crate::generate::plan::{Member, Node, ObjectPlan};

/// The rows of an object's embedded lists, each as a test would give it; `None` where nobody said which.
pub(crate) type Rows = Vec<(&'static Embedded, Option<Vec<Value>>)>;

/// An object that is being made or changed, with what has to stay as it was given.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) object: &'static str,
    pub(crate) id: &'a str,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) members: Map<String, Value>,
    pub(crate) given: &'a Map<String, Value>,
    pub(crate) rows: Rows,
    pub(crate) odd: Oddities,
    pub(crate) plan: Arc<ObjectPlan>,
    /// Whether it is a row of an object that is being made or changed itself.
    pub(crate) is_inside: bool,
    /// The id of the object whose nested list shows it.
    pub(crate) parent: Option<&'a str>,
}

impl Draft<'_> {
    /// Whether the test gave this member.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Whether the test gave this member, and not as null.
    pub(crate) fn is_given_some(&self, name: &str) -> bool {
        self.given.get(name).is_some_and(|value| !value.is_null())
    }

    /// A text that the test gave.
    pub(crate) fn given_text(&self, name: &str) -> Option<String> {
        self.given.get(name)?.as_str().map(str::to_owned)
    }

    /// An integer that the test gave.
    pub(crate) fn given_integer(&self, name: &str) -> Option<i64> {
        self.given.get(name)?.as_i64()
    }

    /// Sets a member unless the test gave it. What it gave of an object's members stays in the object.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let mut value = value.into();
        match self.given.get(name) {
            None => {}
            Some(given @ Value::Object(_)) if value.is_object() => merge(&mut value, given),
            Some(_) => return,
        }
        self.members.insert(name.to_owned(), value);
    }

    /// Empties members unless the test gave them: null where Stripe has null, else absent.
    pub(crate) fn clear(&mut self, names: &[&str]) {
        self.empty(names, |member| member.optional && !member.nullable);
    }

    /// Takes members away unless the test gave them: absent where Stripe leaves them out, else null.
    pub(crate) fn omit(&mut self, names: &[&str]) {
        self.empty(names, |member| member.optional);
    }

    fn empty(&mut self, names: &[&str], is_absent: impl Fn(&Member) -> bool) {
        let plan = Arc::clone(&self.plan);
        for name in names.iter().filter(|name| !self.given.contains_key(**name)) {
            let mut members = plan.members.list.iter();
            let value = match members.find(|member| member.name == *name) {
                Some(member) if member.nullable && !is_absent(member) => Value::Null,
                Some(member) if !member.optional && matches!(member.node, Node::Array(_)) => {
                    Value::Array(Vec::new())
                }
                Some(member) if !member.optional => continue,
                _ => {
                    self.members.remove(*name);
                    continue;
                }
            };
            self.members.insert((*name).to_owned(), value);
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    /// An integer member; 0 where it is none.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        self.members
            .get(name)
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.members.get(name).is_none_or(Value::is_null)
    }

    /// The id in a member that is an id, or an object with one.
    pub(crate) fn id_in(&self, name: &str) -> Option<String> {
        let value = self.members.get(name)?;
        let id = value.as_str().or_else(|| value.get("id")?.as_str());
        id.map(str::to_owned)
    }

    /// The rows of an embedded list, as they were given or said before.
    pub(crate) fn rows_of(&mut self, field: &str) -> Option<&mut Option<Vec<Value>>> {
        let mut rows = self.rows.iter_mut();
        rows.find(|(embedded, _)| embedded.field == field)
            .map(|(_, rows)| rows)
    }
}
