//! One field of a model: how its value is read from a slot, and how it becomes a cell and comes back.
//!
//! The derive writes one constant of type [`Field`] for each field. The trait bounds stand on the function that makes
//! the constant and nowhere else, so that a type that does not fit is one error at the user's type.

pub(crate) mod attributes;
pub(crate) mod kinds;
pub(crate) mod members;
pub(crate) mod or_null;
pub(crate) mod parse;
pub(crate) mod stored;
pub(crate) mod whole;

use crate::cell::{Cell, CellType};
use crate::kind::ValueError;
use crate::object::slot::Slot;

/// A value that was read, or what stands in for one that Stripe did not send.
#[derive(Debug)]
pub enum Read<T> {
    /// Stripe sent it, be it null.
    Present(T),
    /// Stripe sent nothing: a stored value stays, and an insert takes this one.
    Absent(T),
}

impl<T> Read<T> {
    /// The value either way.
    pub fn into_inner(self) -> T {
        match self {
            Self::Present(value) | Self::Absent(value) => value,
        }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Present(value) => Read::Present(change(value)),
            Self::Absent(value) => Read::Absent(change(value)),
        }
    }
}

/// What stands in where Stripe sends null or nothing.
enum Empty<T> {
    /// Neither may come.
    Refused,
    /// This value.
    Value(fn() -> T),
    /// The field's own function reads null and absent too.
    Passed,
}

impl<T> Clone for Empty<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Empty<T> {}

/// Reads a slot as a cell.
type SlotToCell = fn(&Slot<'_>) -> Result<Cell<'static>, ValueError>;

/// Slot to cell: what a model's description knows of a field's constant, whose type it does not name. One function for
/// each type instead of one for each field keeps what a derive costs to compile low.
pub trait MapSlot: Sync {
    /// Slot to cell, without making the value where that is cheaper.
    ///
    /// # Errors
    /// When the value does not fit the type.
    fn map(&self, slot: &Slot<'_>) -> Result<Read<Cell<'static>>, ValueError>;
}

impl<T> MapSlot for Field<T> {
    fn map(&self, slot: &Slot<'_>) -> Result<Read<Cell<'static>>, ValueError> {
        match self.map {
            Some(map) if !slot.is_null() => map(slot).map(Read::Present),
            _ => self.read(slot).map(|read| read.map(self.write)),
        }
    }
}

/// A column that is never read from Stripe.
#[derive(Debug)]
pub struct Unread;

impl MapSlot for Unread {
    fn map(&self, _: &Slot<'_>) -> Result<Read<Cell<'static>>, ValueError> {
        Err(ValueError::new("a local column is never read from Stripe"))
    }
}

/// How one field of type `T` is read and written.
pub struct Field<T> {
    cell: CellType,
    nullable: bool,
    zulu: bool,
    expected: &'static str,
    read: fn(&Slot<'_>) -> Result<T, ValueError>,
    map: Option<SlotToCell>,
    write: fn(T) -> Cell<'static>,
    back: fn(Cell<'static>) -> Result<T, ValueError>,
    empty: Empty<T>,
}

impl<T> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Field<T> {}

impl<T> Field<T> {
    /// The type of the column's cells.
    pub const fn cell(&self) -> CellType {
        self.cell
    }

    /// Whether the column can be null.
    pub const fn nullable(&self) -> bool {
        self.nullable
    }

    /// Whether sqlx ends the type's moments with `Z` where a database keeps them as texts.
    pub const fn zulu(&self) -> bool {
        self.zulu
    }

    /// Takes `default` where Stripe sends null or nothing.
    #[must_use]
    pub const fn or(mut self, default: fn() -> T) -> Self {
        self.empty = Empty::Value(default);
        self
    }

    /// The value in a mapped row of a column that a sync never reads.
    pub fn initial(&self) -> T {
        match self.empty {
            Empty::Value(value) => value(),
            Empty::Refused | Empty::Passed => unreachable!("a stored column has a default"),
        }
    }

    /// Slot to value.
    ///
    /// # Errors
    /// When the value does not fit the type.
    pub fn read(&self, slot: &Slot<'_>) -> Result<Read<T>, ValueError> {
        match (slot, self.empty) {
            (Slot::Absent, Empty::Value(value)) => Ok(Read::Absent(value())),
            (Slot::Null, Empty::Value(value)) => Ok(Read::Present(value())),
            // Of several members, as soon as Stripe sends one the value is what the function makes of it.
            (slot, Empty::Passed) if slot.is_absent() => (self.read)(slot).map(Read::Absent),
            // Stripe sends what it calls required; but a field that can be null takes it when it does not.
            (Slot::Absent, Empty::Refused) if self.nullable => {
                (self.back)(Cell::Null).map(Read::Absent)
            }
            (Slot::Null, Empty::Refused) if self.nullable => {
                (self.back)(Cell::Null).map(Read::Present)
            }
            (Slot::Absent | Slot::Null, Empty::Refused) => {
                Err(ValueError::expected(self.expected, slot.form()))
            }
            _ => (self.read)(slot).map(Read::Present),
        }
    }

    /// Value to cell.
    pub fn write(&self, value: T) -> Cell<'static> {
        (self.write)(value)
    }

    /// Cell to value.
    ///
    /// # Errors
    /// When the cell is of another type, or does not hold a value of this type.
    pub fn back(&self, cell: Cell<'static>) -> Result<T, ValueError> {
        (self.back)(cell)
    }
}
