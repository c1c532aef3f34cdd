//! From one Stripe object to the cells of one row.

use std::fmt;

use crate::cell::Cell;
use crate::kind::ValueError;
use crate::model::context::Context;
use crate::model::field::{Field, Read};
use crate::model::{Column, Model, Role};
use crate::object::paths::Step;
use crate::object::slot::Slot;
use crate::object::{StripeObject, paths, walk};

/// An object that does not map, with the column to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapError {
    column: Option<&'static str>,
    path: &'static str,
    reason: String,
}

impl MapError {
    fn value(column: &'static Column, error: &ValueError) -> Self {
        Self {
            column: Some(column.name),
            path: column.path,
            reason: error.to_string(),
        }
    }

    /// The column, unless the object as a whole is to blame.
    pub fn column(&self) -> Option<&'static str> {
        self.column
    }

    /// What was expected and what was found.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<serde_json::Error> for MapError {
    fn from(error: serde_json::Error) -> Self {
        Self {
            column: None,
            path: "",
            reason: format!("not one JSON object: {error}"),
        }
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) if self.path.is_empty() => write!(f, "column `{column}`: {}", self.reason),
            Some(column) => write!(f, "column `{column}` (`{}`): {}", self.path, self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for MapError {}

/// A mapped object: one cell for each written column.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// In the order of [`Model::written`].
    pub cells: Vec<Cell<'static>>,
    /// The positions in `cells` that Stripe sent nothing for: a stored value stays, an insert takes the cell.
    pub absent: Vec<usize>,
}

/// The slots of one object, read in one pass.
#[doc(hidden)]
#[derive(Debug)]
pub struct Slots<'o> {
    model: &'static Model,
    slots: Vec<Slot<'o>>,
    /// The mode that the object says it is of; many resources do not say so.
    object_livemode: Option<bool>,
}

impl<'o> Slots<'o> {
    /// Reads what the model wants of an object.
    ///
    /// # Errors
    /// When the bytes are not one JSON object.
    pub fn read(
        model: &'static Model,
        object: &'o StripeObject,
        context: &'o Context,
    ) -> Result<Self, MapError> {
        Self::read_json(model, object.json(), context)
    }

    /// The same for bare JSON.
    ///
    /// # Errors
    /// When the bytes are not one JSON object.
    pub(crate) fn read_json(
        model: &'static Model,
        json: &'o str,
        context: &'o Context,
    ) -> Result<Self, MapError> {
        let mut slots = vec![Slot::Absent; model.parts.slots];
        walk(json, model.parts.paths, &mut slots)?;
        let object_livemode = object_livemode(model, &slots);
        slots[usize::from(paths::LIVEMODE)] = Slot::Absent;
        if let Some(account) = context.account() {
            slots[usize::from(paths::ACCOUNT)] = Slot::Text(account.into());
        }
        if let Some(livemode) = context.livemode() {
            slots[usize::from(paths::LIVEMODE)] = Slot::Boolean(livemode);
        }
        if let Some(raw) = model.role(Role::Raw) {
            slots[usize::from(raw.slot)] = Slot::Json(json);
        }
        // A list says better than the element whose it is.
        if let (Some(column), Some(parent)) = (model.role(Role::Parent), context.parent()) {
            slots[usize::from(column.slot)] = Slot::Text(parent.into());
        }
        if let (Some(column), Some(position)) = (model.role(Role::Position), context.position()) {
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            slots[usize::from(column.slot)] = Slot::Integer(position);
        }
        for (slot, members) in model.parts.declared.members {
            let members = members.iter();
            let members = members.map(|member| slots[usize::from(*member)].clone());
            slots[usize::from(*slot)] = Slot::Members(members.collect());
        }
        Ok(Self {
            model,
            slots,
            object_livemode,
        })
    }

    /// What was found for one slot.
    pub(crate) fn at(&self, slot: u16) -> &Slot<'o> {
        self.slots.get(usize::from(slot)).unwrap_or(&Slot::Absent)
    }

    /// The object's id, if it has one.
    pub(crate) fn id(&self) -> Option<&str> {
        match &self.slots[usize::from(paths::ID)] {
            Slot::Text(id) => Some(id),
            _ => None,
        }
    }

    /// Stripe's name for the object's resource, if it says so.
    pub(crate) fn object(&self) -> Option<&str> {
        match &self.slots[usize::from(paths::OBJECT)] {
            Slot::Text(object) => Some(object),
            _ => None,
        }
    }

    /// The mode of the object, if it is another one than that of the run.
    pub(crate) fn other_mode(&self, context: &Context) -> Option<bool> {
        let expected = context.livemode()?;
        self.object_livemode.filter(|found| *found != expected)
    }

    /// Whether the object is the stub of a deleted one.
    pub(crate) fn is_deleted(&self) -> bool {
        self.slots[usize::from(paths::DELETED)] == Slot::Boolean(true)
    }

    /// Whether the object says by itself that it is outside the model's filter.
    pub(crate) fn is_outside(&self) -> bool {
        self.model.is_outside(&self.slots)
    }

    /// The value of one field.
    ///
    /// # Errors
    /// When the value does not fit; the error names the column.
    pub fn field<T>(&self, column: usize, field: Field<T>) -> Result<T, MapError> {
        let column = &self.model.parts.columns[column];
        field
            .read(&self.slots[usize::from(column.slot)])
            .map(Read::into_inner)
            .map_err(|error| MapError::value(column, &error))
    }

    /// The whole row, without making the struct.
    ///
    /// # Errors
    /// When a value does not fit; the error names the column.
    pub(crate) fn row(&self) -> Result<Row, MapError> {
        let mut row = Row {
            cells: Vec::with_capacity(self.model.parts.columns.len()),
            absent: Vec::new(),
        };
        for column in self.model.written() {
            match column.map.map(&self.slots[usize::from(column.slot)]) {
                Ok(Read::Present(cell)) => row.cells.push(cell),
                Ok(Read::Absent(cell)) => {
                    row.absent.push(row.cells.len());
                    row.cells.push(cell);
                }
                Err(error) => return Err(MapError::value(column, &error)),
            }
        }
        Ok(row)
    }

    /// The row that hooks made: a column that Stripe sent nothing for, and that the hooks left at its default,
    /// still counts as absent.
    pub(crate) fn hooked_row(&self, cells: Vec<Cell<'static>>) -> Row {
        let absent = self
            .model
            .written()
            .enumerate()
            .filter(|(position, column)| {
                let slot = &self.slots[usize::from(column.slot)];
                slot.is_absent()
                    && matches!(column.map.map(slot), Ok(Read::Absent(default)) if cells.get(*position) == Some(&default))
            })
            .map(|(position, _)| position)
            .collect();
        Row { cells, absent }
    }
}

/// What an object says of its mode: in the fixed slot, or in that of a field that has the path.
fn object_livemode(model: &Model, slots: &[Slot<'_>]) -> Option<bool> {
    let livemode = Step::key("livemode");
    let own = model.parts.paths.iter().find(|node| node.step == livemode);
    let own = own.into_iter().flat_map(|node| node.slots);
    let mut places = own.map(|(slot, _)| *slot).chain([paths::LIVEMODE]);
    places.find_map(|place| match slots.get(usize::from(place))? {
        Slot::Boolean(livemode) => Some(*livemode),
        _ => None,
    })
}

/// One cell of a row that was read back.
///
/// # Errors
/// When the row has too few cells, or the cell is not of the field's type; the error names the column.
#[doc(hidden)]
pub fn read_back<T>(
    model: &'static Model,
    column: usize,
    field: Field<T>,
    cells: &mut impl Iterator<Item = Cell<'static>>,
) -> Result<T, MapError> {
    let column = &model.parts.columns[column];
    let cell = cells.next().unwrap_or(Cell::Null);
    field
        .back(cell)
        .map_err(|error| MapError::value(column, &error))
}

/// The plain mapping of one object's JSON to cells, as a run of a model without mapping hooks does it.
///
/// # Errors
/// When a value does not fit; the error names the column.
#[doc(hidden)]
pub fn map_json(model: &'static Model, json: &str, context: &Context) -> Result<Row, MapError> {
    Slots::read_json(model, json, context)?.row()
}

/// The plain mapping of a model without mapping hooks.
pub(crate) fn map_plain(
    model: &'static Model,
    object: &StripeObject,
    context: &Context,
) -> Result<Row, MapError> {
    map_json(model, object.json(), context)
}
