//! The constants of fields that an attribute reads in its own way: `json` and `with`.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cell::{Cell, CellType};
use crate::kind::{ColumnType, Nullable, ValueError, read_json, write_json};
use crate::model::field::kinds::{Kind, nullable, required};
use crate::model::field::{Empty, Field};
use crate::object::slot::Slot;

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
