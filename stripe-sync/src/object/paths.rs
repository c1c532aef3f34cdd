//! The paths that a model reads, as a tree that one pass over an object's bytes follows.

use super::scan::mark;

/// The slot of the object's id; every model has it.
pub const ID: u16 = 0;
/// The slot of `object`, Stripe's name for the resource.
pub const OBJECT: u16 = 1;
/// The slot of `deleted`, which only the stub of a deleted object has.
pub const DELETED: u16 = 2;
/// The slot of the account, filled from the run and not from the object.
pub const ACCOUNT: u16 = 3;
/// The slot of the mode, filled from the run. What the object says of it is compared with that.
pub const LIVEMODE: u16 = 4;
/// The first slot of a model's own paths.
pub const FIRST_PATH: u16 = 5;

/// How the value at a path is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Text, an integer or a boolean, read at once.
    Scalar,
    /// The bytes of any value.
    Raw,
    /// A reference: an id, or an object whose `id` is kept.
    Reference,
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The member of an object; [`Step::key`] makes it.
    Key {
        /// The key.
        name: &'static str,
        /// The bit that distinguishes it from most other keys.
        mark: u64,
    },
    /// The element of an array, from 0.
    Index(usize),
}

impl Step {
    /// The member of an object.
    pub const fn key(name: &'static str) -> Self {
        Self::Key {
            name,
            mark: mark(name.as_bytes()),
        }
    }
}

/// One place in an object: what is kept of it, and which places below it are wanted.
#[derive(Debug)]
pub struct Node {
    /// The step that leads here from the parent.
    pub step: Step,
    /// The slots that the value here fills.
    pub slots: &'static [(u16, Mode)],
    /// Whether what is missing below is null and not absent. So it is in a map with keys of the user's own, as `metadata` is:
    /// taking a key away is how a user clears it. So it is in an expanded reference, too: it may refer to another object by now.
    pub map: bool,
    /// The wanted places below, members best in the order in which Stripe sends them: the search for one begins after the
    /// last that was found.
    pub children: &'static [Node],
}
