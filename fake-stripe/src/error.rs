//! Why the fake could not do what it was asked to.

use serde_json::Value;
use stripe_sync_schema::Mode;

/// Why the fake could not do what a test asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FakeError {
    /// No such object name in Stripe's catalogue.
    #[error("Stripe has no object named `{object}`{}", did_you_mean(.suggestions))]
    UnknownObject {
        /// The name that was given.
        object: String,
        /// Names that are near it, best first.
        suggestions: Vec<String>,
    },
    /// No alive object has this id in the account and mode.
    #[error("no object with the id `{id}` in account {account} ({mode} mode)")]
    NoSuchId {
        /// The id that was given.
        id: String,
        /// The account that was searched.
        account: String,
        /// The mode that was searched.
        mode: Mode,
    },
    /// An object has no such list inside, or none with an element to copy.
    #[error("the {object} `{id}` has no list `{member}` with an element in it")]
    NoSuchList {
        /// Stripe's object name.
        object: String,
        /// The id that was given.
        id: String,
        /// The member that was given.
        member: String,
    },
    /// An object of this name and id exists already (Stripe never uses an id twice).
    #[error("a {object} with the id `{id}` exists or existed already")]
    IdTaken {
        /// Stripe's object name.
        object: String,
        /// The id that was given.
        id: String,
    },
    /// Overrides and changes have to be a JSON object.
    #[error("expected a JSON object with the fields of a {object}, got {got}")]
    NotAnObject {
        /// Stripe's object name.
        object: String,
        /// What kind of JSON value was given.
        got: &'static str,
    },
    /// Stripe's objects of this name have no such member.
    #[error("a {object} has no member `{member}`{}; `unchecked()` takes what the schema does not know", did_you_mean(.suggestions))]
    UnknownMember {
        /// Stripe's object name.
        object: String,
        /// The path of the member that was given.
        member: String,
        /// Names that are near it, best first.
        suggestions: Vec<String>,
    },
    /// A member was given in a form that it never has.
    #[error(
        "`{member}` of a {object}: expected {expected}, got {got}; `unchecked()` takes what the schema does not know"
    )]
    WrongKind {
        /// Stripe's object name.
        object: String,
        /// The path of the member.
        member: String,
        /// What stands there at Stripe.
        expected: String,
        /// What was given.
        got: &'static str,
    },
    /// A member names an object that is not there.
    #[error(
        "`{member}` of a {object}: no `{target}` has the id `{id}`; `unchecked()` takes ids of nothing"
    )]
    NoSuchReference {
        /// Stripe's object name.
        object: String,
        /// The path of the member.
        member: String,
        /// The id that was given.
        id: String,
        /// The objects that it may be.
        target: String,
    },
    /// No story has this name.
    #[error("no story is named `{name}`; there are `{known}`")]
    UnknownStory {
        /// The name that was given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A story made no object of this name.
    #[error("the story made no {object}")]
    NotInStory {
        /// The name that was asked for.
        object: String,
    },
    /// Stripe has no way to delete such an object.
    #[error("Stripe cannot delete a {object} (`{id}`)")]
    NotDeletable {
        /// Stripe's object name.
        object: String,
        /// The id that was given.
        id: String,
    },
    /// The operation is for objects of another kind.
    #[error("`{id}` is a {object}, expected a {expected}")]
    WrongObject {
        /// The id that was given.
        id: String,
        /// The object name it has.
        object: String,
        /// The object name that the operation needs.
        expected: &'static str,
    },
    /// The account was never added to this fake.
    #[error("the fake has no account `{account}`")]
    UnknownAccount {
        /// The id that was given.
        account: String,
    },
    /// The server's port could not be opened.
    #[error("cannot open a local port for the fake Stripe")]
    Listen(#[source] std::io::Error),
    /// The certificate of HTTPS could not be made.
    #[error("cannot make a certificate for the fake Stripe")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Stripe would refuse it with this message.
    #[error("Stripe refuses that: {message}")]
    Refused {
        /// What Stripe says.
        message: String,
    },
    /// The client that posts webhooks could not be built.
    #[error("cannot build an HTTP client for webhooks")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean `{}`?", suggestions.join("`, `"))
    }
}

impl FakeError {
    /// The error of an object name that is not in the catalogue.
    pub(crate) fn unknown_object(object: &str) -> Self {
        let suggestions = stripe_sync_schema::catalogue::nearest(object);
        Self::UnknownObject {
            object: object.to_owned(),
            suggestions: suggestions.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The error of overrides that are not a JSON object.
    pub(crate) fn not_an_object(object: &str, value: &Value) -> Self {
        let got = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self::NotAnObject {
            object: object.to_owned(),
            got,
        }
    }
}
