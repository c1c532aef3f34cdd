//! What the type of a column implements: one trait for each kind of value that Stripe sends.
//!
//! | Stripe sends | trait | types that have it |
//! |---|---|---|
//! | text, ids, currencies, dates | [`FromText`] | `String`, `Box<str>` |
//! | one of a set of words | [`FromEnum`] | `String`, `Box<str>`, your enum |
//! | the id of another object, or the object | [`FromReference`] | `String`, `Box<str>` |
//! | an integer, an amount in the minor unit | [`FromInteger`] | `i64`, `i32`, `i16`, `i8`, `u32`, `u16`, `u8` |
//! | Unix seconds | [`FromUnixTime`] | `chrono::DateTime<Utc>`, `time::OffsetDateTime`, `i64` |
//! | a decimal in a string | [`FromDecimal`] | `rust_decimal::Decimal`, `String` |
//! | a number that may have a fraction | [`FromFloat`] | `f64`, `rust_decimal::Decimal` |
//! | true or false | [`FromBoolean`] | `bool` |
//! | an object, an array, a map | [`FromJson`] | `Json<T>`, `serde_json::Value`, `HashMap<String, String>` |
//! | an array of single values | [`FromJson`] | `Vec` of `String`, integers, `f64`, `bool`, or a type with [`ArrayElement`] |
//!
//! `Option` of each works too. A type of your own needs [`ColumnType`], which says how a database holds it, and the
//! trait of the kind. Where that is too much, `#[stripe(parse)]` takes any `FromStr + Display` type for text,
//! `#[stripe(json)]` any serde type for JSON, and `#[stripe(with = function)]` calls a function.
//!
//! ```
//! use stripe_sync::{Cell, CellType, ColumnType, FromEnum, ValueError};
//!
//! #[derive(Debug, PartialEq)]
//! enum Status { Active, PastDue, Other(String) }
//!
//! impl ColumnType for Status {
//!     const TYPE: CellType = CellType::Text;
//!     fn into_cell(self) -> Cell<'static> {
//!         Cell::text(match self {
//!             Status::Active => "active".to_owned(),
//!             Status::PastDue => "past_due".to_owned(),
//!             Status::Other(name) => name,
//!         })
//!     }
//!     fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
//!         String::from_cell(cell).map(|text| Self::from_enum(&text))
//!     }
//! }
//!
//! // Stripe adds variants at any time, so this cannot fail.
//! impl FromEnum for Status {
//!     fn from_enum(value: &str) -> Self {
//!         match value {
//!             "active" => Status::Active,
//!             "past_due" => Status::PastDue,
//!             other => Status::Other(other.to_owned()),
//!         }
//!     }
//! }
//! # assert_eq!(Status::from_enum("paused"), Status::Other("paused".into()));
//! ```

mod array;
mod json;
mod number;
mod text;
mod unchecked;
mod when;

use std::fmt;

use crate::cell::{Cell, CellType};

pub use array::ArrayElement;
pub(crate) use json::{read as read_json, write as write_json};
pub(crate) use unchecked::describe as unchecked_form;

/// Why one value did not fit its column. The object, the column and the path are named by the error around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    reason: String,
}

impl ValueError {
    /// An error with your own words; they appear in the report of a run, so they must hold no secret.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// `expected text, Stripe sent an object`.
    pub(crate) fn expected(expected: &str, found: &str) -> Self {
        Self::new(format!("expected {expected}, Stripe sent {found}"))
    }

    /// A column that was read back holds another type.
    pub(crate) fn cell(expected: CellType, found: &Cell<'_>) -> Self {
        Self::new(format!(
            "expected a column of {expected}, the database holds {}",
            found.describe()
        ))
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for ValueError {}

/// How a database holds a Rust type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "columns are `String`, integers, `f64`, `bool`, `Decimal`, `DateTime<Utc>`, `Json<...>`, `Vec<u8>`, `Vec<String>`",
    note = "a type with `FromStr` and `Display` is a column of text with #[stripe(parse)]; or implement `stripe_sync::ColumnType` for it; a local column that no hook reads back may name its #[stripe(sql_type = \"...\")] instead"
)]
pub trait ColumnType: Sized + Send + 'static {
    /// The type of its cells.
    const TYPE: CellType;
    /// Whether the type can be `NULL`.
    const NULLABLE: bool = false;
    /// Whether sqlx ends the type's moments with `Z` on SQLite, where they are texts, and not with `+00:00`.
    #[doc(hidden)]
    const ZULU: bool = false;

    /// The value to write.
    fn into_cell(self) -> Cell<'static>;

    /// The value as it was read back.
    ///
    /// # Errors
    /// When the cell is of another type, or does not hold a value of this type.
    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError>;
}

/// A type that can be null: `Option` of anything, under any alias.
#[diagnostic::on_unimplemented(
    message = "Stripe may send null here, or leave the field out, and `{Self}` cannot be null",
    label = "make it `Option<{Self}>`",
    note = "or give a value for null with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait Nullable: Sized + Send + 'static {
    /// The type of the value that is not null.
    type Inner;
    /// Wraps the value.
    fn from_option(value: Option<Self::Inner>) -> Self;
    /// Unwraps the value.
    fn into_option(self) -> Option<Self::Inner>;
}

impl<T: Send + 'static> Nullable for Option<T> {
    type Inner = T;
    fn from_option(value: Option<T>) -> Self {
        value
    }
    fn into_option(self) -> Option<T> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> ColumnType for Option<T> {
    const TYPE: CellType = T::TYPE;
    const NULLABLE: bool = true;
    const ZULU: bool = T::ZULU;

    fn into_cell(self) -> Cell<'static> {
        self.map_or(Cell::Null, T::into_cell)
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        match cell {
            Cell::Null => Ok(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// Text, an id, a currency or a date from Stripe.
#[diagnostic::on_unimplemented(
    message = "Stripe sends text here, and `{Self}` cannot hold it",
    label = "use `String` or `Box<str>`",
    note = "a type with `FromStr` and `Display` fits with #[stripe(parse)]; a type of your own implements `stripe_sync::FromText`"
)]
pub trait FromText: ColumnType {
    /// Reads the text.
    ///
    /// # Errors
    /// When this text is not a value of the type.
    fn from_text(text: &str) -> Result<Self, ValueError>;
}

/// One of a set of words from Stripe. Stripe adds words at any time, so reading one cannot fail.
#[diagnostic::on_unimplemented(
    message = "Stripe sends one of a set of words here, and `{Self}` cannot hold it",
    label = "use `String`, or #[stripe(parse)] with an enum that has `FromStr` and `Display`",
    note = "an enum keeps a word that it does not know in a variant such as `Other(String)`, because Stripe adds words at any time; instead of #[stripe(parse)] it may implement `stripe_sync::FromEnum`"
)]
pub trait FromEnum: ColumnType {
    /// Reads the word.
    fn from_enum(value: &str) -> Self;
}

/// The id of another object, whether Stripe sent the id, the object or a stub of a deleted object.
#[diagnostic::on_unimplemented(
    message = "Stripe sends a reference to another object here, and `{Self}` cannot hold its id",
    label = "use `String` or `Box<str>`",
    note = "a type with `FromStr` and `Display` fits with #[stripe(parse)]; a type of your own implements `stripe_sync::FromReference`"
)]
pub trait FromReference: ColumnType {
    /// Reads the id.
    ///
    /// # Errors
    /// When this id is not a value of the type.
    fn from_reference(id: &str) -> Result<Self, ValueError>;
}

/// An integer from Stripe; amounts are in the currency's minor unit.
#[diagnostic::on_unimplemented(
    message = "Stripe sends an integer here, and `{Self}` cannot hold it",
    label = "use `i64`, or a narrower integer, which is range-checked",
    note = "amounts are integers in the currency's minor unit; a type of your own implements `stripe_sync::FromInteger`"
)]
pub trait FromInteger: ColumnType {
    /// Reads the integer.
    ///
    /// # Errors
    /// When it is out of the range of the type.
    fn from_integer(value: i64) -> Result<Self, ValueError>;
}

/// A moment that Stripe sends as Unix seconds.
#[diagnostic::on_unimplemented(
    message = "Stripe sends Unix seconds here, and `{Self}` cannot hold them",
    label = "use `chrono::DateTime<Utc>`, `time::OffsetDateTime` (feature `time`) or `i64`",
    note = "a type of your own implements `stripe_sync::FromUnixTime`"
)]
pub trait FromUnixTime: ColumnType {
    /// Reads seconds since 1970-01-01 00:00 UTC.
    ///
    /// # Errors
    /// When the moment is out of the range of the type.
    fn from_unix_time(seconds: i64) -> Result<Self, ValueError>;
}

/// A decimal number that Stripe sends as a string, with up to twelve places.
#[diagnostic::on_unimplemented(
    message = "Stripe sends a decimal number in a string here, and `{Self}` cannot hold it",
    label = "use `rust_decimal::Decimal` or `String`",
    note = "a float would lose digits; a type of your own implements `stripe_sync::FromDecimal`"
)]
pub trait FromDecimal: ColumnType {
    /// Reads the digits, for example `0.000000000001`.
    ///
    /// # Errors
    /// When they are not a number, or have more digits than the type.
    fn from_decimal(digits: &str) -> Result<Self, ValueError>;
}

/// A number that may have a fraction, as JSON writes it.
#[diagnostic::on_unimplemented(
    message = "Stripe sends a number that may have a fraction here, and `{Self}` cannot hold it",
    label = "use `f64` or `rust_decimal::Decimal`",
    note = "a type of your own implements `stripe_sync::FromFloat`"
)]
pub trait FromFloat: ColumnType {
    /// Reads the number's own digits, for example `12.5` or `1e-3`.
    ///
    /// # Errors
    /// When the type cannot hold the number.
    fn from_float(digits: &str) -> Result<Self, ValueError>;
}

/// True or false from Stripe.
#[diagnostic::on_unimplemented(
    message = "Stripe sends true or false here, and `{Self}` cannot hold it",
    label = "use `bool`",
    note = "a type of your own implements `stripe_sync::FromBoolean`"
)]
pub trait FromBoolean: ColumnType {
    /// Reads the flag.
    fn from_boolean(value: bool) -> Self;
}

/// An object, an array, a map or a list from Stripe, or the whole object for a `raw` field.
#[diagnostic::on_unimplemented(
    message = "Stripe sends an object, an array or a map here, and `{Self}` cannot hold it",
    label = "use `Json<...>`, `serde_json::Value`, or `HashMap<String, String>` for metadata",
    note = "a serde type fits with #[stripe(json)], or name one value inside with a longer path"
)]
pub trait FromJson: ColumnType {
    /// Reads one JSON document.
    ///
    /// # Errors
    /// When the document is not of the type's shape.
    fn from_json(json: &str) -> Result<Self, ValueError>;

    /// The cell of the document. A type that holds any JSON copies the bytes without reading them.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    fn json_cell(json: &str) -> Result<Cell<'static>, ValueError> {
        Self::from_json(json).map(Self::into_cell)
    }
}

/// A value that the schema does not know, for `#[stripe(unchecked)]`: the type decides how it is read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a value that the schema does not know",
    label = "use `String`, an integer, `f64`, `bool`, `Decimal`, `DateTime<Utc>` or `Json<...>`",
    note = "or read it yourself with #[stripe(unchecked, with = function)]"
)]
pub trait FromUnchecked: ColumnType {
    /// Reads one JSON value that is not null.
    ///
    /// # Errors
    /// When the value is not of the type.
    fn from_unchecked(json: &str) -> Result<Self, ValueError>;
}

macro_rules! option_of {
    ($($trait:ident :: $read:ident ($from:ty);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: $trait> $trait for Option<T> {
            fn $read(value: $from) -> Result<Self, ValueError> {
                T::$read(value).map(Some)
            }
        }
    )*};
}
option_of! {
    FromText::from_text(&str);
    FromReference::from_reference(&str);
    FromInteger::from_integer(i64);
    FromUnixTime::from_unix_time(i64);
    FromDecimal::from_decimal(&str);
    FromFloat::from_float(&str);
    FromUnchecked::from_unchecked(&str);
}

#[diagnostic::do_not_recommend]
impl<T: FromEnum> FromEnum for Option<T> {
    fn from_enum(value: &str) -> Self {
        Some(T::from_enum(value))
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromBoolean> FromBoolean for Option<T> {
    fn from_boolean(value: bool) -> Self {
        Some(T::from_boolean(value))
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &str) -> Result<Self, ValueError> {
        T::from_json(json).map(Some)
    }
    fn json_cell(json: &str) -> Result<Cell<'static>, ValueError> {
        T::json_cell(json)
    }
}
