//! Tests of rows that are written, compared and deleted.

pub(crate) mod attributed;
pub(crate) mod changes;
pub(crate) mod deletions;
pub(crate) mod freshness;
pub(crate) mod keys;
pub(crate) mod refusals;
pub(crate) mod unasked;
pub(crate) mod values;

use crate::store::rows::delete::{Gone, Removal};

impl Removal<'_> {
    /// Reads of objects by their ids found that Stripe has them no more.
    pub(crate) fn deleted(start: i64) -> Self {
        Self {
            gone: Gone::Deleted,
            start,
            lease: None,
            riders: &[],
        }
    }
}
