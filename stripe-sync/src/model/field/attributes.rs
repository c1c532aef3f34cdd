//! The constants of fields that an attribute reads in its own way: `parse`, `json`, `with`, and columns of no path.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cell::{Cell, CellType};
use crate::kind::{ColumnType, Nullable, ValueError, read_json, write_json};
use crate::model::field::kinds::{Kind, nullable, required};
use crate::model::field::{Empty, Field};
use crate::object::slot::Slot;

/// Any type that reads and prints itself, for `#[stripe(parse)]`.
#[diagnostic::on_unimplemented(
    message = "#[stripe(parse)] needs a type that reads and prints itself, and `{Self}` does not",
    label = "implement `FromStr` and `Display` for it"
)]
pub trait Parse: Sized + Send + 'static {
    /// Reads the text.
    ///
    /// # Errors
    /// With the reason of the type's own `FromStr`.
    fn parse(text: &str) -> Result<Self, ValueError>;
    /// The text to keep.
    fn print(&self) -> String;
}

// A type without one of the two traits is one error, about `Parse`, and not one for each of them.
#[diagnostic::do_not_recommend]
impl<T> Parse for T
where
    T: FromStr + Display + Send + 'static,
    T::Err: Display,
{
    fn parse(text: &str) -> Result<Self, ValueError> {
        text.parse()
            .map_err(|error: T::Err| ValueError::new(format!("text that does not parse: {error}")))
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

struct Parsed;

impl<T: Parse> Kind<T> for Parsed {
    const TYPE: CellType = CellType::Text;
    const NULLABLE: bool = false;
    const ZULU: bool = false;
    const EXPECTED: &'static str = "text";

    fn read(slot: &Slot<'_>) -> Result<T, ValueError> {
        match slot {
            Slot::Text(text) => T::parse(text),
            other => Err(ValueError::expected("text", other.form())),
        }
    }
    fn write(value: T) -> Cell<'static> {
        Cell::text(value.print())
    }
    fn back(cell: Cell<'static>) -> Result<T, ValueError> {
        String::from_cell(cell).and_then(|text| T::parse(&text))
    }
}

/// A field of a type that parses itself.
pub const fn parsed<T: Parse>() -> Field<T> {
    required::<Parsed, T>()
}

/// A field of a type that parses itself, or null or nothing.
pub const fn parsed_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: Parse,
{
    nullable::<Parsed, T>()
}

/// Any serde type, for `#[stripe(json)]`.
#[diagnostic::on_unimplemented(
    message = "#[stripe(json)] needs a serde type, and `{Self}` is not one",
    label = "derive `serde::Serialize` and `serde::Deserialize` for it"
)]
pub trait Serde: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Serde for T {}

struct SerdeJson;

impl<T: Serde> Kind<T> for SerdeJson {
    const TYPE: CellType = CellType::Json;
    const NULLABLE: bool = false;
    const ZULU: bool = false;
    const EXPECTED: &'static str = "JSON";

    fn read(slot: &Slot<'_>) -> Result<T, ValueError> {
        match slot {
            Slot::Json(json) => read_json(json),
            other => Err(ValueError::expected("JSON", other.form())),
        }
    }
    fn write(value: T) -> Cell<'static> {
        write_json(&value)
    }
    fn back(cell: Cell<'static>) -> Result<T, ValueError> {
        match cell {
            Cell::Json(json) => read_json(&json),
            other => Err(ValueError::cell(CellType::Json, &other)),
        }
    }
}

/// A field of a serde type.
pub const fn serde_json<T: Serde>() -> Field<T> {
    required::<SerdeJson, T>()
}

/// A field of a serde type, or null or nothing.
pub const fn serde_json_or_null<T: Nullable>() -> Field<T>
where
    T::Inner: Serde,
{
    nullable::<SerdeJson, T>()
}

/// A field that a function reads, null and absent too.
pub const fn with<T: ColumnType>(read: fn(&Slot<'_>) -> Result<T, ValueError>) -> Field<T> {
    Field {
        cell: T::TYPE,
        nullable: T::NULLABLE,
        zulu: T::ZULU,
        expected: "a value",
        read,
        map: None,
        write: T::into_cell,
        back: T::from_cell,
        empty: Empty::Passed,
    }
}

/// The error of a `with` function, whatever its type.
///
/// # Errors
/// As the function's own.
pub fn with_result<T, E: Display>(result: Result<T, E>) -> Result<T, ValueError> {
    result.map_err(|error| ValueError::new(error.to_string()))
}

/// A column that a sync never reads from Stripe: `local`, `synced_at`, `deleted_at`.
pub const fn stored<T: ColumnType>() -> Field<T> {
    with(|_| Err(ValueError::new("this column does not come from Stripe")))
}
