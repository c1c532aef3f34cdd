//! The constants of fields that an attribute reads in its own way: `json` and `with`.

use std::fmt::Display;
use std::marker::PhantomData;

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

/// A `with` function beside its slot, before it is known whether it can be called.
#[derive(Debug)]
pub struct WithFunction<A, T, F> {
    function: F,
    slot: A,
    value: PhantomData<T>,
}

/// Generated code calls `read` on this. The compiler looks for the method by value first: a function that fits has it. Every other
/// one has that of [`Unreadable`], which is one error that shows the signature.
pub fn with_function<T, A, F>(function: F, slot: A) -> WithFunction<A, T, F> {
    WithFunction {
        function,
        slot,
        value: PhantomData,
    }
}

impl<A, T, F, E> WithFunction<A, T, F>
where
    F: FnOnce(A) -> Result<T, E>,
    E: Display,
{
    /// What the function reads.
    ///
    /// # Errors
    /// As the function's own.
    pub fn read(self) -> Result<T, ValueError> {
        (self.function)(self.slot).map_err(|error| ValueError::new(error.to_string()))
    }
}

/// What `with` may name. Nothing has it: it exists for its message.
#[diagnostic::on_unimplemented(
    message = "`with` needs a function that takes `&Slot<'_>` and returns `Result<{T}, E>`",
    label = "this is `{Self}`",
    note = "write `fn name(slot: &Slot<'_>) -> Result<{T}, E>`, where `E` has `Display`, such as `stripe_sync::ValueError`"
)]
pub trait ReadsSlot<T> {}

/// A function of another signature: found last, and always an error.
pub trait Unreadable<T, F> {
    /// Never called.
    ///
    /// # Errors
    /// Always.
    fn read(self) -> Result<T, ValueError>
    where
        F: ReadsSlot<T>;
}

impl<A, T, F> Unreadable<T, F> for &WithFunction<A, T, F> {
    fn read(self) -> Result<T, ValueError>
    where
        F: ReadsSlot<T>,
    {
        Err(ValueError::new("not a function that reads"))
    }
}
