//! Fields that may be null, of a type that is not written as an `Option`: an alias of one, or a mistake.
//!
//! Each function has one bound, so that a type that fits neither the kind nor null is one error, which names the type that fits
//! both. What is written as an `Option` has the functions in `kinds`, whose errors are about the type inside.

use crate::kind::{
    FromBoolean, FromDecimal, FromEnum, FromFloat, FromInteger, FromJson, FromReference, FromText,
    FromUnchecked, FromUnixTime, Nullable,
};
use crate::model::field::Field;
use crate::model::field::kinds;

macro_rules! or_null {
    ($($function:ident: $trait:ident, $of:ident, $read:ident, $sent:literal, $label:literal;)*) => {$(
        #[doc = concat!("A type for [`", stringify!($of), "`] or null.")]
        #[diagnostic::on_unimplemented(
            message = $sent,
            label = $label,
            note = "or give a value for null with #[stripe(default)] or #[stripe(default = expression)]"
        )]
        pub trait $trait: Nullable<Inner: $of> {}

        #[diagnostic::do_not_recommend]
        impl<T: Nullable<Inner: $of>> $trait for T {}

        #[doc = concat!("A field of a type for [`", stringify!($of), "`] or null.")]
        pub const fn $function<T: $trait>() -> Field<T> {
            kinds::$read::<T>()
        }
    )*};
}

or_null! {
    text_and_null: TextOrNull, FromText, text_or_null,
        "Stripe sends text or null here, and `{Self}` cannot hold it",
        "use `Option<String>`, or an `Option` of a type that implements `stripe_sync::FromText`";
    word_and_null: EnumOrNull, FromEnum, word_or_null,
        "Stripe sends one of a set of words or null here, and `{Self}` cannot hold it",
        "use `Option<String>`, or an `Option` of an enum that implements `stripe_sync::FromEnum`";
    reference_and_null: ReferenceOrNull, FromReference, reference_or_null,
        "Stripe sends a reference to another object or null here, and `{Self}` cannot hold its id",
        "use `Option<String>`, or an `Option` of a type that implements `stripe_sync::FromReference`";
    integer_and_null: IntegerOrNull, FromInteger, integer_or_null,
        "Stripe sends an integer or null here, and `{Self}` cannot hold it",
        "use `Option<i64>`, or an `Option` of a narrower integer, which is range-checked";
    unix_time_and_null: UnixTimeOrNull, FromUnixTime, unix_time_or_null,
        "Stripe sends Unix seconds or null here, and `{Self}` cannot hold them",
        "use `Option<chrono::DateTime<Utc>>`, `Option<time::OffsetDateTime>` (feature `time`) or `Option<i64>`";
    decimal_and_null: DecimalOrNull, FromDecimal, decimal_or_null,
        "Stripe sends a decimal number in a string or null here, and `{Self}` cannot hold it",
        "use `Option<rust_decimal::Decimal>` or `Option<String>`";
    float_and_null: FloatOrNull, FromFloat, float_or_null,
        "Stripe sends a number that may have a fraction or null here, and `{Self}` cannot hold it",
        "use `Option<f64>` or `Option<rust_decimal::Decimal>`";
    boolean_and_null: BooleanOrNull, FromBoolean, boolean_or_null,
        "Stripe sends true, false or null here, and `{Self}` cannot hold it",
        "use `Option<bool>`";
    json_and_null: JsonOrNull, FromJson, json_or_null,
        "Stripe sends an object, an array, a map or null here, and `{Self}` cannot hold it",
        "use `Option<Json<serde_json::Value>>`, or `Option<Json<...>>` of a serde type";
    unchecked_and_null: UncheckedOrNull, FromUnchecked, unchecked_or_null,
        "the value may be null or absent here, and `{Self}` cannot hold it",
        "use an `Option` of `String`, an integer, `f64`, `bool`, `Decimal`, `DateTime<Utc>` or `Json<...>`";
}
