//! Fields that may be null, of a type that is not written as an `Option`: an alias of one, or a mistake.
//!
//! Each function has one bound, so that a type that fits neither the kind nor null is one error, which names the type that fits
//! both. What is written as an `Option` has the functions in `kinds`, whose errors are about the type inside.
//!
//! Written out, not made by a macro: the compiler shows their bounds to a user whose type does not fit.

use crate::kind::{
    FromBoolean, FromDecimal, FromEnum, FromFloat, FromInteger, FromJson, FromReference, FromText,
    FromUnchecked, FromUnixTime, Nullable,
};
use crate::model::field::{Field, kinds};

/// A type that holds text or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends text or null here, and `{Self}` cannot hold it",
    label = "use `Option<String>`, or an `Option` of a type that implements `stripe_sync::FromText`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait TextOrNull: Nullable<Inner: FromText> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromText>> TextOrNull for T {}

/// A field of a type that holds text or null.
pub const fn text_and_null<T: TextOrNull>() -> Field<T> {
    kinds::text_or_null::<T>()
}

/// A type that holds one of a set of words or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends one of a set of words or null here, and `{Self}` cannot hold it",
    label = "use `Option<String>`, or #[stripe(parse)] with an `Option` of an enum that has `FromStr` and `Display`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait EnumOrNull: Nullable<Inner: FromEnum> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromEnum>> EnumOrNull for T {}

/// A field of a type that holds one of a set of words or null.
pub const fn word_and_null<T: EnumOrNull>() -> Field<T> {
    kinds::word_or_null::<T>()
}

/// A type that holds a reference or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends a reference to another object or null here, and `{Self}` cannot hold its id",
    label = "use `Option<String>`, or an `Option` of a type that implements `stripe_sync::FromReference`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait ReferenceOrNull: Nullable<Inner: FromReference> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromReference>> ReferenceOrNull for T {}

/// A field of a type that holds a reference or null.
pub const fn reference_and_null<T: ReferenceOrNull>() -> Field<T> {
    kinds::reference_or_null::<T>()
}

/// A type that holds an integer or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends an integer or null here, and `{Self}` cannot hold it",
    label = "use `Option<i64>`, or an `Option` of a narrower integer, which is range-checked",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait IntegerOrNull: Nullable<Inner: FromInteger> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromInteger>> IntegerOrNull for T {}

/// A field of a type that holds an integer or null.
pub const fn integer_and_null<T: IntegerOrNull>() -> Field<T> {
    kinds::integer_or_null::<T>()
}

/// A type that holds Unix seconds or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends Unix seconds or null here, and `{Self}` cannot hold them",
    label = "use `Option<chrono::DateTime<Utc>>`, `Option<time::OffsetDateTime>` (feature `time`) or `Option<i64>`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait UnixTimeOrNull: Nullable<Inner: FromUnixTime> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromUnixTime>> UnixTimeOrNull for T {}

/// A field of a type that holds Unix seconds or null.
pub const fn unix_time_and_null<T: UnixTimeOrNull>() -> Field<T> {
    kinds::unix_time_or_null::<T>()
}

/// A type that holds a decimal number in a string or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends a decimal number in a string or null here, and `{Self}` cannot hold it",
    label = "use `Option<rust_decimal::Decimal>` or `Option<String>`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait DecimalOrNull: Nullable<Inner: FromDecimal> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromDecimal>> DecimalOrNull for T {}

/// A field of a type that holds a decimal number in a string or null.
pub const fn decimal_and_null<T: DecimalOrNull>() -> Field<T> {
    kinds::decimal_or_null::<T>()
}

/// A type that holds a number or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends a number that may have a fraction or null here, and `{Self}` cannot hold it",
    label = "use `Option<f64>` or `Option<rust_decimal::Decimal>`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait FloatOrNull: Nullable<Inner: FromFloat> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromFloat>> FloatOrNull for T {}

/// A field of a type that holds a number or null.
pub const fn float_and_null<T: FloatOrNull>() -> Field<T> {
    kinds::float_or_null::<T>()
}

/// A type that holds true or false or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends true, false or null here, and `{Self}` cannot hold it",
    label = "use `Option<bool>`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait BooleanOrNull: Nullable<Inner: FromBoolean> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromBoolean>> BooleanOrNull for T {}

/// A field of a type that holds true or false or null.
pub const fn boolean_and_null<T: BooleanOrNull>() -> Field<T> {
    kinds::boolean_or_null::<T>()
}

/// A type that holds JSON or null.
#[diagnostic::on_unimplemented(
    message = "Stripe sends an object, an array, a map or null here, and `{Self}` cannot hold it",
    label = "use `Option<Json<serde_json::Value>>`, or `Option<Json<...>>` of a serde type",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait JsonOrNull: Nullable<Inner: FromJson> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromJson>> JsonOrNull for T {}

/// A field of a type that holds JSON or null.
pub const fn json_and_null<T: JsonOrNull>() -> Field<T> {
    kinds::json_or_null::<T>()
}

/// A type that holds a value or null.
#[diagnostic::on_unimplemented(
    message = "the value may be null or absent here, and `{Self}` cannot hold it",
    label = "use an `Option` of `String`, an integer, `f64`, `bool`, `Decimal`, `DateTime<Utc>` or `Json<...>`",
    note = "a type that holds all but null may give a value for that with #[stripe(default)] or #[stripe(default = expression)]"
)]
pub trait UncheckedOrNull: Nullable<Inner: FromUnchecked> {}

#[diagnostic::do_not_recommend]
impl<T: Nullable<Inner: FromUnchecked>> UncheckedOrNull for T {}

/// A field of a type that holds a value or null.
pub const fn unchecked_and_null<T: UncheckedOrNull>() -> Field<T> {
    kinds::unchecked_or_null::<T>()
}
