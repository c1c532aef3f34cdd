//! `Vec` of single values: an array on PostgreSQL, JSON elsewhere.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::unchecked::describe;
use super::{ColumnType, FromJson, FromUnchecked, ValueError, read_json};
use crate::cell::{Cell, CellType, Element};

/// A type of the elements of an array's column, `Vec<T>`: `String`, `Box<str>`, `i64`, `i32`, `i16`, `i8`, `u32`, `u16`, `f64`,
/// `bool`. `Vec<u8>` is bytes.
///
/// A type of your own is one if its cells are texts, integers, floats or booleans:
///
/// ```
/// use stripe_sync::{ArrayElement, Cell, CellType, ColumnType, FromUnchecked, ValueError};
///
/// struct Event(String);
///
/// impl ColumnType for Event {
///     const TYPE: CellType = CellType::Text;
///     fn into_cell(self) -> Cell<'static> {
///         Cell::text(self.0)
///     }
///     fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
///         String::from_cell(cell).map(Event)
///     }
/// }
///
/// impl FromUnchecked for Event {
///     fn from_unchecked(json: &str) -> Result<Self, ValueError> {
///         String::from_unchecked(json).map(Event)
///     }
/// }
///
/// impl ArrayElement for Event {}
///
/// # assert_eq!(Vec::<Event>::from_unchecked("[\"a\"]").unwrap()[0].0, "a");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an element of an array's column",
    label = "elements are `String`, `Box<str>`, integers, `f64` or `bool`",
    note = "`Json<Vec<...>>` holds any array; a type of your own implements `stripe_sync::ArrayElement`"
)]
pub trait ArrayElement: ColumnType + FromUnchecked {}

macro_rules! elements {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl ArrayElement for $type {}
    )*};
}

elements!(String, Box<str>, i64, i32, i16, i8, u32, u16, f64, bool);

/// The element's type, which is one of a few: else the struct does not compile.
const fn element(cell: CellType) -> Element {
    match cell {
        CellType::Text => Element::Text,
        CellType::Integer => Element::Integer,
        CellType::Float => Element::Float,
        CellType::Boolean => Element::Boolean,
        _ => panic!("the elements of an array's column are texts, integers, floats or booleans"),
    }
}

#[diagnostic::do_not_recommend]
impl<T: ArrayElement> ColumnType for Vec<T> {
    const TYPE: CellType = CellType::Array(element(T::TYPE));

    fn into_cell(self) -> Cell<'static> {
        let elements = self.into_iter().map(|value| json(&value.into_cell()));
        let elements = elements.collect::<Vec<_>>().join(",");
        Cell::Json(Cow::Owned(format!("[{elements}]")))
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        let Cell::Json(json) = cell else {
            return Err(ValueError::cell(Self::TYPE, &cell));
        };
        let elements: Vec<Box<RawValue>> = read_json(&json)?;
        let value = |element: Box<RawValue>| T::from_cell(self::cell(element.get(), T::TYPE)?);
        elements.into_iter().map(value).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ArrayElement> FromJson for Vec<T> {
    fn from_json(json: &str) -> Result<Self, ValueError> {
        let elements: Vec<&RawValue> = serde_json::from_str(json)
            .map_err(|_| ValueError::expected("an array", describe(json)))?;
        let value = |element: &RawValue| match id(element.get()) {
            // An expanded reference stands for its id.
            Some(id) if T::TYPE == CellType::Text => T::from_unchecked(&id),
            _ => T::from_unchecked(element.get()),
        };
        elements.into_iter().map(value).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ArrayElement> FromUnchecked for Vec<T> {
    fn from_unchecked(json: &str) -> Result<Self, ValueError> {
        Self::from_json(json)
    }
}

/// The `id` of an object, as JSON.
fn id(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Object<'o> {
        #[serde(borrow)]
        id: Cow<'o, str>,
    }
    if !json.starts_with('{') {
        return None;
    }
    let object: Object<'_> = serde_json::from_str(json).ok()?;
    serde_json::to_string(&object.id).ok()
}

/// An element's cell as JSON.
fn json(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => serde_json::Value::from(text.as_ref()).to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Float(value) => serde_json::Value::from(*value).to_string(),
        Cell::Boolean(value) => value.to_string(),
        _ => "null".to_owned(),
    }
}

/// An element's cell from JSON.
fn cell(json: &str, kind: CellType) -> Result<Cell<'static>, ValueError> {
    Ok(match kind {
        CellType::Integer => Cell::Integer(read_json(json)?),
        CellType::Float => Cell::Float(read_json(json)?),
        CellType::Boolean => Cell::Boolean(read_json(json)?),
        _ => Cell::Text(Cow::Owned(read_json(json)?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: ArrayElement + Clone + PartialEq + std::fmt::Debug>(
        values: Vec<T>,
        json: &str,
    ) {
        let cell = values.clone().into_cell();
        assert_eq!(cell, Cell::Json(json.to_owned().into()));
        assert_eq!(Vec::<T>::from_cell(cell).unwrap(), values);
        assert_eq!(Vec::<T>::from_json(json).unwrap(), values);
    }

    #[test]
    fn values_come_back() {
        there_and_back(
            vec!["a".to_owned(), "\"\\{}, \u{1}".to_owned()],
            r#"["a","\"\\{}, \u0001"]"#,
        );
        there_and_back(
            vec![i64::MIN, 0, i64::MAX],
            "[-9223372036854775808,0,9223372036854775807]",
        );
        there_and_back(vec![true, false], "[true,false]");
        there_and_back(vec![0.5, 1e300], "[0.5,1e+300]");
        there_and_back(Vec::<String>::new(), "[]");
    }

    #[test]
    fn an_expanded_reference_is_its_id() {
        let json = r#"["di_1", {"object": "discount", "id": "di_2"}]"#;
        assert_eq!(Vec::<String>::from_json(json).unwrap(), ["di_1", "di_2"]);
    }

    #[test]
    fn what_is_no_array_of_the_type_says_what_came() {
        let error = |json: &str| Vec::<String>::from_json(json).unwrap_err().to_string();
        assert_eq!(error("{}"), "expected an array, Stripe sent an object");
        assert_eq!(error("[1]"), "expected text, Stripe sent a number");
        assert_eq!(error("[null]"), "expected text, Stripe sent null");
        assert!(Vec::<i16>::from_json("[40000]").is_err());
    }
}
