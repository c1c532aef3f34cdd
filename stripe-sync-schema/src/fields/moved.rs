//! Members that Stripe's API had and has moved, and what people write for members that have another name.
//!
//! A test resolves every place.

mod table;

use crate::suggest;

pub(crate) use table::all;

/// A member that is not there, and where its value is.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Stripe's name of the object.
    pub object: &'static str,
    /// The member, at the top of the object.
    pub member: &'static str,
    /// The version of Stripe's API that took it away; `None` if the object never had it.
    pub since: Option<&'static str>,
    /// Where the value is now.
    pub now: Now,
}

/// Where the value of a moved member is.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// At another path of the same object.
    Path(&'static str),
    /// Nowhere in the object; the text says what to write instead.
    Words(&'static str),
}

/// What became of a member at the top of an object.
pub(super) fn find(object: &str, member: &str) -> Option<&'static Move> {
    of(object).find(|moved| moved.member == member)
}

/// The same for a member that is written as an id or in the plural.
pub(super) fn inflected(object: &str, member: &str) -> Option<&'static Move> {
    let mut endings = ["_ids", "_id", "s"].into_iter();
    endings.find_map(|ending| find(object, member.strip_suffix(ending)?))
}

/// The same for a member that is misspelt.
pub(super) fn misspelt(object: &str, member: &str) -> Option<&'static Move> {
    let names = of(object).map(|moved| moved.member);
    find(object, suggest::nearest(member, names).first()?)
}

fn of(object: &str) -> impl Iterator<Item = &'static Move> {
    all().filter(move |moved| moved.object == object)
}
