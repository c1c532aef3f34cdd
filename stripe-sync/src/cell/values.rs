//! Values of a program's own statements: what converts into a cell, and lists of that.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::types::Json;

use crate::cell::Cell;

/// The values of a statement, in the order of its placeholders: a tuple of up to 16, an array, a slice or a `Vec` of what
/// converts into a [`Cell`]; `()` where there are none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of values for a statement",
    label = "expected a tuple, an array or a `Vec` of values",
    note = "one value is written `(value,)` or `[value]`, none is written `()`",
    note = "a value is a text, a number up to `i64`, a `bool`, a `DateTime<Utc>`, a `Decimal`, bytes, a `Json`, a `Cell`, or an `Option` of these"
)]
pub trait Values<'v>: sealed::Sealed {
    /// The values as cells.
    fn into_cells(self) -> Vec<Cell<'v>>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! tuples {
    ($($($name:ident $place:tt)*;)*) => {$(
        impl<$($name),*> sealed::Sealed for ($($name,)*) {}

        impl<'v, $($name: Into<Cell<'v>>),*> Values<'v> for ($($name,)*) {
            fn into_cells(self) -> Vec<Cell<'v>> {
                vec![$(self.$place.into()),*]
            }
        }
    )*};
}
tuples! {
    ;
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15;
}

impl<T, const N: usize> sealed::Sealed for [T; N] {}

impl<'v, T: Into<Cell<'v>>, const N: usize> Values<'v> for [T; N] {
    fn into_cells(self) -> Vec<Cell<'v>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T> sealed::Sealed for Vec<T> {}

impl<'v, T: Into<Cell<'v>>> Values<'v> for Vec<T> {
    fn into_cells(self) -> Vec<Cell<'v>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T> sealed::Sealed for &[T] {}

impl<'v, T: Clone + Into<Cell<'v>>> Values<'v> for &[T] {
    fn into_cells(self) -> Vec<Cell<'v>> {
        self.iter().cloned().map(Into::into).collect()
    }
}

macro_rules! from {
    ($($type:ty => $value:ident $cell:expr;)*) => {$(
        impl<'v> From<$type> for Cell<'v> {
            fn from($value: $type) -> Self {
                $cell
            }
        }
    )*};
}
from! {
    &'v str => value Self::Text(value.into());
    &'v String => value Self::Text(value.into());
    String => value Self::Text(value.into());
    Cow<'v, str> => value Self::Text(value);
    i8 => value Self::Integer(value.into());
    i16 => value Self::Integer(value.into());
    i32 => value Self::Integer(value.into());
    i64 => value Self::Integer(value);
    u8 => value Self::Integer(value.into());
    u16 => value Self::Integer(value.into());
    u32 => value Self::Integer(value.into());
    f32 => value Self::Float(value.into());
    f64 => value Self::Float(value);
    bool => value Self::Boolean(value);
    DateTime<Utc> => value Self::Instant(value);
    Decimal => value Self::Decimal(value);
    &'v [u8] => value Self::Bytes(value.into());
    Vec<u8> => value Self::Bytes(value.into());
    serde_json::Value => value Self::Json(value.to_string().into());
    &serde_json::Value => value Self::Json(value.to_string().into());
    Json<serde_json::Value> => value Self::Json(value.0.to_string().into());
}

impl<'v, T: Into<Cell<'v>>> From<Option<T>> for Cell<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Values};

    #[test]
    fn lists_of_values_are_cells_in_their_order() {
        let id = "cus_1".to_owned();
        let cells = (&id, 3_u16, None::<i64>, Some("x"), true).into_cells();
        let expected = [
            Cell::text("cus_1"),
            Cell::Integer(3),
            Cell::Null,
            Cell::text("x"),
            Cell::Boolean(true),
        ];
        assert_eq!(cells, expected);
        assert_eq!([1, 2].into_cells(), [Cell::Integer(1), Cell::Integer(2)]);
        assert_eq!(vec![1.5].into_cells(), [Cell::Float(1.5)]);
        assert!(().into_cells().is_empty());
        let cells = [Cell::Null];
        assert_eq!(cells.as_slice().into_cells(), cells);
        let json = serde_json::json!({ "a": 1 });
        assert_eq!((&json,).into_cells(), [Cell::Json(r#"{"a":1}"#.into())]);
    }
}
