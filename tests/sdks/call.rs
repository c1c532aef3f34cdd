//! One call of the plan, and what is to come of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::id;

/// What a call is to give.
#[derive(Debug, Clone)]
pub(crate) enum Expect {
    /// This object, member by member.
    Object(Value),
    /// An outcome with these members, by pointer; null is anything.
    Members(Vec<(&'static str, Value)>),
    /// These objects in this order, and whether there are more.
    Page(Vec<String>, bool),
    /// Exactly these objects over all pages of all calls of the name.
    All(BTreeMap<String, Value>),
    /// No refusal; what it is is told by other calls.
    Objects,
    /// A stub of a deleted object.
    Deleted,
    /// Status, code and parameter of a refusal.
    Refused(u16, &'static str, &'static str),
    /// The plain word that this is not simulated.
    NotSimulated,
}

impl Expect {
    /// Exactly these objects.
    pub(crate) fn all(objects: impl IntoIterator<Item = Value>) -> Self {
        let objects = objects.into_iter();
        Self::All(objects.map(|object| (id(&object), object)).collect())
    }
}

/// How the scripts make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One object.
    One,
    /// One page.
    List,
    /// All pages.
    Pages,
    /// A delivery that is verified.
    Webhook,
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::List => "list",
            Self::Pages => "pages",
            Self::Webhook => "webhook",
        }
    }
}

/// A call of both packages.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What the table calls it. Several calls with one name are one row.
    pub(crate) name: String,
    pub(crate) python: String,
    pub(crate) node: String,
    pub(crate) args: Vec<Value>,
    pub(crate) params: Value,
    pub(crate) options: Value,
    pub(crate) form: Form,
    pub(crate) expect: Expect,
}

impl Call {
    pub(crate) fn new(name: impl Into<String>, python: &str, node: &str, form: Form) -> Self {
        Self {
            name: name.into(),
            python: python.to_owned(),
            node: node.to_owned(),
            args: Vec::new(),
            params: json!({}),
            options: json!({}),
            form,
            expect: Expect::Objects,
        }
    }

    pub(crate) fn args(mut self, args: Vec<Value>) -> Self {
        self.args = args;
        self
    }

    pub(crate) fn params(mut self, params: Value) -> Self {
        self.params = params;
        self
    }

    pub(crate) fn options(mut self, options: Value) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn expect(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    /// As the scripts read it.
    pub(crate) fn json(&self, number: usize) -> Value {
        json!({
            "number": number, "name": self.name, "python": self.python, "node": self.node, "args": self.args,
            "params": self.params, "options": self.options, "as": self.form.word(),
        })
    }
}
