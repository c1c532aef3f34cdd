//! What is read of Stripe.

use std::collections::BTreeMap;

use crate::freshness::ReadBy;
use crate::freshness::tests::Truth;

#[derive(Debug)]
pub(super) enum About {
    /// Parents, with their lists.
    Sets(Vec<u8>),
    Child(u8),
}

/// What Stripe said of a parent, and which children stood in its list.
pub(super) type Answer = (u8, BTreeMap<u8, u8>);

#[derive(Debug)]
pub(super) struct Read {
    pub(super) about: About,
    pub(super) by: ReadBy,
    pub(super) start: i64,
    pub(super) sets: Option<BTreeMap<u8, Answer>>,
    pub(super) child: Option<Truth>,
}
