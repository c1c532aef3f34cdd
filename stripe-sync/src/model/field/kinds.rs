//! The constants of fields: one function for each kind.

use crate::cell::{Cell, CellType};
use crate::kind::{
    FromBoolean, FromDecimal, FromEnum, FromFloat, FromInteger, FromJson, FromReference, FromText,
    FromUnchecked, FromUnixTime, Nullable, ValueError,
};
use crate::model::field::{Empty, Field};
use crate::object::slot::Slot;

/// One way to read a `T` from a slot that is neither null nor absent, and to keep it.
pub(crate) trait Kind<T> {
    const TYPE: CellType;
    const NULLABLE: bool;
    const ZULU: bool;
    const EXPECTED: &'static str;

    fn read(slot: &Slot<'_>) -> Result<T, ValueError>;
    fn write(value: T) -> Cell<'static>;
    fn back(cell: Cell<'static>) -> Result<T, ValueError>;
    fn map(slot: &Slot<'_>) -> Result<Cell<'static>, ValueError> {
        Self::read(slot).map(Self::write)
    }
}

pub(crate) const fn required<K: Kind<T>, T>() -> Field<T> {
    Field {
        cell: K::TYPE,
        nullable: K::NULLABLE,
        zulu: K::ZULU,
        expected: K::EXPECTED,
        read: K::read,
        map: Some(K::map),
        write: K::write,
        back: K::back,
        empty: Empty::Refused,
    }
}

pub(crate) const fn nullable<K: Kind<T::Inner>, T: Nullable>() -> Field<T> {
    Field {
        cell: K::TYPE,
        nullable: true,
        zulu: K::ZULU,
        expected: K::EXPECTED,
        read: |slot| K::read(slot).map(|value| T::from_option(Some(value))),
        map: Some(K::map),
        write: |value| value.into_option().map_or(Cell::Null, K::write),
        back: |cell| match cell {
            Cell::Null => Ok(T::from_option(None)),
            cell => K::back(cell).map(|value| T::from_option(Some(value))),
        },
        empty: Empty::Value(|| T::from_option(None)),
    }
}

/// The [`Kind`] of each trait in [`crate::kind`].
macro_rules! kinds {
    ($(
        $marker:ident: $trait:ident, $expected:literal,
        |$slot:ident| $read:expr $(, map $map:expr)?;
    )*) => {$(
        struct $marker;

        impl<T: $trait> Kind<T> for $marker {
            const TYPE: CellType = T::TYPE;
            const NULLABLE: bool = T::NULLABLE;
            const ZULU: bool = T::ZULU;
            const EXPECTED: &'static str = $expected;

            fn read($slot: &Slot<'_>) -> Result<T, ValueError> {
                $read
            }
            fn write(value: T) -> Cell<'static> {
                value.into_cell()
            }
            fn back(cell: Cell<'static>) -> Result<T, ValueError> {
                T::from_cell(cell)
            }
            $(fn map($slot: &Slot<'_>) -> Result<Cell<'static>, ValueError> {
                $map
            })?
        }
    )*};
}

kinds! {
    Text: FromText, "text", |slot| match slot {
        Slot::Text(text) => T::from_text(text),
        other => Err(ValueError::expected("text", other.form())),
    };
    Enum: FromEnum, "text", |slot| match slot {
        Slot::Text(text) => Ok(T::from_enum(text)),
        other => Err(ValueError::expected("text", other.form())),
    };
    Reference: FromReference, "an id, or an object with an id",
    |slot| match slot {
        Slot::Text(id) => T::from_reference(id),
        other => Err(ValueError::expected("an id, or an object with an id", other.form())),
    };
    Integer: FromInteger, "an integer", |slot| match slot {
        Slot::Integer(value) => T::from_integer(*value),
        // A few fields hold their 64-bit integers in strings.
        Slot::Text(text) => match text.parse() {
            Ok(value) => T::from_integer(value),
            Err(_) => Err(ValueError::expected("an integer", "text")),
        },
        other => Err(ValueError::expected("an integer", other.form())),
    };
    UnixTime: FromUnixTime, "Unix seconds", |slot| match slot {
        Slot::Integer(seconds) => T::from_unix_time(*seconds),
        other => Err(ValueError::expected("Unix seconds", other.form())),
    };
    Decimal: FromDecimal, "a decimal number in a string",
    |slot| match slot {
        Slot::Text(digits) => T::from_decimal(digits),
        other => Err(ValueError::expected("a decimal number in a string", other.form())),
    };
    Float: FromFloat, "a number", |slot| match slot {
        Slot::Json(json) if json.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            T::from_float(json)
        }
        other => Err(ValueError::expected("a number", other.form())),
    };
    Boolean: FromBoolean, "true or false", |slot| match slot {
        Slot::Boolean(value) => Ok(T::from_boolean(*value)),
        other => Err(ValueError::expected("true or false", other.form())),
    };
    Json: FromJson, "JSON", |slot| match slot {
        Slot::Json(json) => T::from_json(json),
        other => Err(ValueError::expected("JSON", other.form())),
    }, map match slot {
        Slot::Json(json) => T::json_cell(json),
        other => Err(ValueError::expected("JSON", other.form())),
    };
    Unchecked: FromUnchecked, "a value", |slot| match slot {
        Slot::Json(json) => T::from_unchecked(json),
        other => Err(ValueError::expected("a value", other.form())),
    };
}

// Written out, not made by the macro: the compiler shows their bounds to a user whose type does not fit.

/// A field that always holds text.
pub const fn text<T: FromText>() -> Field<T> {
    required::<Text, T>()
}

/// A field that holds text, null or nothing.
pub const fn text_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromText,
{
    nullable::<Text, T>()
}

/// A field that always holds text.
pub const fn word<T: FromEnum>() -> Field<T> {
    required::<Enum, T>()
}

/// A field that holds text, null or nothing.
pub const fn word_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromEnum,
{
    nullable::<Enum, T>()
}

/// A field that always holds an id, or an object with an id.
pub const fn reference<T: FromReference>() -> Field<T> {
    required::<Reference, T>()
}

/// A field that holds an id, or an object with an id, null or nothing.
pub const fn reference_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromReference,
{
    nullable::<Reference, T>()
}

/// A field that always holds an integer.
pub const fn integer<T: FromInteger>() -> Field<T> {
    required::<Integer, T>()
}

/// A field that holds an integer, null or nothing.
pub const fn integer_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromInteger,
{
    nullable::<Integer, T>()
}

/// A field that always holds Unix seconds.
pub const fn unix_time<T: FromUnixTime>() -> Field<T> {
    required::<UnixTime, T>()
}

/// A field that holds Unix seconds, null or nothing.
pub const fn unix_time_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromUnixTime,
{
    nullable::<UnixTime, T>()
}

/// A field that always holds a decimal number in a string.
pub const fn decimal<T: FromDecimal>() -> Field<T> {
    required::<Decimal, T>()
}

/// A field that holds a decimal number in a string, null or nothing.
pub const fn decimal_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromDecimal,
{
    nullable::<Decimal, T>()
}

/// A field that always holds a number.
pub const fn float<T: FromFloat>() -> Field<T> {
    required::<Float, T>()
}

/// A field that holds a number, null or nothing.
pub const fn float_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromFloat,
{
    nullable::<Float, T>()
}

/// A field that always holds true or false.
pub const fn boolean<T: FromBoolean>() -> Field<T> {
    required::<Boolean, T>()
}

/// A field that holds true or false, null or nothing.
pub const fn boolean_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromBoolean,
{
    nullable::<Boolean, T>()
}

/// A field that always holds JSON.
pub const fn json<T: FromJson>() -> Field<T> {
    required::<Json, T>()
}

/// A field that holds JSON, null or nothing.
pub const fn json_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromJson,
{
    nullable::<Json, T>()
}

/// A field that always holds a value.
pub const fn unchecked<T: FromUnchecked>() -> Field<T> {
    required::<Unchecked, T>()
}

/// A field that holds a value, null or nothing.
pub const fn unchecked_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: FromUnchecked,
{
    nullable::<Unchecked, T>()
}
