//! The field tree of every object of Stripe's API: which paths exist, and what stands there.

mod elements;
mod error;
mod expand;
mod moved;
mod on_request;
mod secret;
mod tree;
mod walk;
mod wanted;

pub use elements::{Inner, inner, inside};
pub use error::PathError;
pub use expand::{Expansion, Need, expansions, steps_of};
pub use moved::{Move, Now};
pub use secret::{CLIENT_SECRET, Secret, secret, secretive, secrets};

use tree::Flags;
use walk::Walk;

/// The generated field table; its head explains the form.
pub(crate) const DATA: &str = include_str!("../data/fields.txt");

/// What a JSON value is.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A string.
    Text,
    /// A string: a currency code in lower case.
    Currency,
    /// A string that holds a decimal number.
    Decimal,
    /// A string that holds an integer of 64 bits.
    IntegerText,
    /// A string: a day, `2026-10-28`.
    Date,
    /// A string: a time as in RFC 3339.
    Timestamp,
    /// A boolean.
    Boolean,
    /// An integer.
    Integer,
    /// An integer: seconds since 1970.
    UnixTime,
    /// An integer: an amount of money in the currency's minor unit.
    Amount,
    /// A number that may be fractional.
    Number,
    /// An object with named members.
    Object,
    /// An array.
    Array,
    /// An object with any keys, whose values are all of one form.
    Map,
    /// A list object: `data`, `has_more`, `object`, `url`.
    List,
    /// A whole resource inside another.
    Resource,
    /// The id of a resource, a string; the resource itself if it was expanded.
    Reference,
    /// Any JSON.
    Json,
}

/// One step of a path: `data[0]` is `Key("data")`, `Index(0)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step<'a> {
    /// A member of an object, or a key of a map.
    Key(&'a str),
    /// An element of an array, counted from 0.
    Index(usize),
}

/// A member of an object, the element of an array or the value of a map.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The member's name; `[]` for an element, `*` for a map's value.
    pub name: &'static str,
    /// What stands there.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether the object may have members that are not listed; every one of them is [`Kind::Json`].
    pub open: bool,
    /// Whether the resource, embedded or referred to, may be the stub of a deleted one.
    pub deleted: bool,
    /// The values that a string can have, if it is an enum; else empty.
    pub values: Vec<&'static str>,
    /// Whether other values than these are possible.
    pub values_open: bool,
    /// The objects that are embedded, listed or referred to.
    pub targets: Vec<&'static str>,
}

/// What stands at the end of a path.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What stands there.
    pub kind: Kind,
    /// Whether any step may be null, is an index, or is the key of a map.
    pub nullable: bool,
    /// Whether any step may be absent.
    pub optional: bool,
    /// The values that a string can have, if it is an enum; else empty.
    pub values: Vec<&'static str>,
    /// Whether other values than these are possible.
    pub values_open: bool,
    /// The objects that are embedded, listed or referred to.
    pub targets: Vec<&'static str>,
}

/// What stands at `path` in `object` (Stripe's name for it, or that of the elements of an array in one: `price.tiers`).
///
/// The path goes through embedded resources; where one of several can stand, all of them must have the rest of the path.
/// The values of a map are reached by any key, and end the path. Below [`Kind::Json`], and in objects that are open, every
/// path exists and is [`Kind::Json`]. The empty path is the object itself.
///
/// # Errors
/// [`PathError`], which names the step and, for a name that does not exist, what was probably meant.
pub fn resolve(object: &str, path: &[Step<'_>]) -> Result<Resolved, PathError> {
    resolved(object, path, false)
}

/// The same for a path that goes through references, which a request has named in `expand`: see [`expansions`]. What it leads
/// to is not there if the object behind a reference was deleted.
///
/// # Errors
/// As [`resolve`]; [`PathError::ThroughReference`] if nobody knows what is behind a reference.
pub fn resolve_expanded(object: &str, path: &[Step<'_>]) -> Result<Resolved, PathError> {
    resolved(object, path, true)
}

fn resolved(object: &str, path: &[Step<'_>], expanded: bool) -> Result<Resolved, PathError> {
    let walk = Walk::along(object, path, expanded)
        .map_err(|error| wanted::with_suggestions(error, object, path))?;
    let Some(end) = walk.field() else {
        // The resources that can stand here have a member of this name, but of different forms.
        let error = PathError::unknown_key(path.len().saturating_sub(1), path);
        return Err(wanted::with_suggestions(error, object, path));
    };
    let Flags {
        nullable, optional, ..
    } = walk.passed();
    let Field {
        kind,
        values,
        values_open,
        targets,
        ..
    } = end;
    Ok(Resolved {
        kind,
        nullable,
        optional,
        values,
        values_open,
        targets,
    })
}

/// The direct members at `path`, in the table's order. Where one of several resources can stand, the members that all of
/// them have. Empty if nothing stands there or it has no named members; an element is entered by an index.
#[must_use]
pub fn children(object: &str, path: &[Step<'_>]) -> Vec<Field> {
    Walk::along(object, path, false)
        .map(|walk| walk.children())
        .unwrap_or_default()
}

/// The element of the array, or the value of the map, that stands at `path`. `None` if neither stands there.
#[must_use]
pub fn element(object: &str, path: &[Step<'_>]) -> Option<Field> {
    Walk::along(object, path, false).ok()?.element()
}

/// Every member that Stripe sends only when a request names it in `expand`, with its object, in order.
pub fn on_request_members() -> impl Iterator<Item = (&'static str, &'static str)> {
    on_request::ON_REQUEST.iter().copied()
}

/// The members of an object that Stripe sends only when a request names them in `expand`, as paths with dots: `tiers` of a
/// price, `shipping_cost.taxes` of an invoice.
pub fn on_request(object: &str) -> impl Iterator<Item = &'static str> {
    let listed = on_request::ON_REQUEST.iter();
    listed
        .filter(move |(of, _)| *of == object)
        .map(|(_, member)| *member)
}

#[cfg(test)]
mod tests;
