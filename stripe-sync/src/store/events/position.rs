//! A place in the stream of changes.

use std::fmt;

/// A place in the stream of changes, from which a later subscription goes on. Positions grow, with gaps.
///
/// It is a number, to be kept wherever the application likes, in its own transaction if it has one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct ChangePosition(pub(crate) i64);

impl ChangePosition {
    /// Before the oldest change that is kept.
    pub const OLDEST: Self = Self(0);
}

impl From<i64> for ChangePosition {
    fn from(position: i64) -> Self {
        Self(position)
    }
}

impl From<ChangePosition> for i64 {
    fn from(position: ChangePosition) -> Self {
        position.0
    }
}

impl fmt::Display for ChangePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
