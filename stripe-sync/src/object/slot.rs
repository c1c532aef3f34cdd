//! What one pass over an object found at one path.

use std::borrow::Cow;

use crate::kind::{ValueError, unchecked_form};

/// The value at one path. Absent is not null: null clears a column, absent leaves it alone.
///
/// A function named in `#[stripe(with = function)]` gets one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Slot<'o> {
    /// The path, or a parent of it, is not in the object.
    Absent,
    /// The value, or a parent of it, is null.
    Null,
    /// Text.
    Text(Cow<'o, str>),
    /// An integer of 64 bits.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// The JSON of any value that is not null.
    Json(&'o str),
    /// Those of several members, for `#[stripe(with(currency, amount) = function)]`: the function gets each by itself.
    #[doc(hidden)]
    Members(Vec<Slot<'o>>),
    /// A value of a form that the path's kind does not have; its name, for the error.
    Unexpected(&'static str),
}

impl<'o> Slot<'o> {
    /// Whether Stripe sent nothing.
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Members(members) => members.iter().all(Slot::is_absent),
            other => matches!(other, Self::Absent),
        }
    }

    /// Whether Stripe sent null or nothing.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Members(members) => members.iter().all(Slot::is_null),
            other => matches!(other, Self::Absent | Self::Null),
        }
    }

    /// The JSON of the value; `None` for null and absent. Always there in a `with` function.
    pub fn json(&self) -> Option<&'o str> {
        match self {
            Self::Json(json) => Some(json),
            _ => None,
        }
    }

    /// The value as any serde type; `None` for null and absent.
    ///
    /// # Errors
    /// When the value is not of the type's shape.
    pub fn deserialize<T: serde::de::DeserializeOwned>(&self) -> Result<Option<T>, ValueError> {
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Json(json) => crate::kind::read_json(json).map(Some),
            other => Err(ValueError::expected("JSON", other.form())),
        }
    }

    /// `text`, `an object`, ... for messages; never the value itself.
    pub(crate) fn form(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Null => "null",
            Self::Text(_) => "text",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "true or false",
            Self::Json(json) => unchecked_form(json),
            Self::Members(_) => "several members",
            Self::Unexpected(form) => form,
        }
    }
}
