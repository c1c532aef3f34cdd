//! `Json<T>`, `serde_json::Value` and maps of strings.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::types::Json;

use super::{ColumnType, FromJson, FromUnchecked, ValueError};
use crate::cell::{Cell, CellType};

/// Reads any serde type from one JSON document.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, ValueError> {
    serde_json::from_str(json).map_err(|error| ValueError::new(format!("unexpected JSON: {error}")))
}

/// Writes any serde type.
pub(crate) fn write<T: Serialize>(value: &T) -> Cell<'static> {
    // A value that does not serialize (a map with keys that are not strings) has no JSON form: NULL, and the
    // database's NOT NULL names the object and the column.
    serde_json::to_string(value).map_or(Cell::Null, |json| Cell::Json(Cow::Owned(json)))
}

fn read_cell<T: DeserializeOwned>(cell: Cell<'static>) -> Result<T, ValueError> {
    match cell {
        Cell::Json(json) => read(&json),
        other => Err(ValueError::cell(CellType::Json, &other)),
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> ColumnType for Json<T> {
    const TYPE: CellType = CellType::Json;

    fn into_cell(self) -> Cell<'static> {
        write(&self.0)
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        read_cell(cell).map(Json)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> FromJson for Json<T> {
    fn from_json(json: &str) -> Result<Self, ValueError> {
        read(json).map(Json)
    }

    fn json_cell(json: &str) -> Result<Cell<'static>, ValueError> {
        // Any JSON is a `Value`: the bytes are copied, which is ten times cheaper than reading them.
        let any = [TypeId::of::<Value>(), TypeId::of::<Box<RawValue>>()];
        if any.contains(&TypeId::of::<T>()) {
            return Ok(Cell::Json(Cow::Owned(json.to_owned())));
        }
        Self::from_json(json).map(Self::into_cell)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> FromUnchecked for Json<T> {
    fn from_unchecked(json: &str) -> Result<Self, ValueError> {
        Self::from_json(json)
    }
}

macro_rules! json {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl ColumnType for $type {
            const TYPE: CellType = CellType::Json;

            fn into_cell(self) -> Cell<'static> {
                write(&self)
            }

            fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
                read_cell(cell)
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromJson for $type {
            fn from_json(json: &str) -> Result<Self, ValueError> {
                read(json)
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromUnchecked for $type {
            fn from_unchecked(json: &str) -> Result<Self, ValueError> {
                read(json)
            }
        }
    )*};
}

json!(Value, HashMap<String, String>, BTreeMap<String, String>);
