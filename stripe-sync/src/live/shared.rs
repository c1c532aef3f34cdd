//! What all clones of a service share.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Mutex;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::Processed;
use super::builder::LiveBuilder;
use super::unheard::Unheard;
use crate::store::Known;
use crate::sync::alone::Shared as SharedTable;
use crate::sync::live::Absences;

pub(super) struct Shared {
    pub(super) settings: LiveBuilder,
    /// The resources that this process knows.
    pub(super) known: Known,
    /// Wakes the workers of this process when something was received.
    pub(super) wake: Notify,
    /// Wakes the delivery of this process when an object was processed.
    pub(super) wake_delivery: Notify,
    /// What is being given back.
    pub(super) releases: Mutex<JoinSet<()>>,
    /// Wakes the subscriptions of this process when its workers wrote something.
    pub(super) written: watch::Sender<()>,
    /// The tables, models and accounts that were checked.
    pub(super) checked: Mutex<HashSet<(String, &'static str, String)>>,
    /// Models that may not share a table, because each would take the other's rows out: nothing is done with them.
    pub(super) shared_table: Option<SharedTable>,
    /// The rows that went because Stripe does not know their objects, though no event told of it.
    pub(super) absences: Absences,
    /// What this process has processed.
    pub(super) totals: Mutex<Processed>,
    /// What came in the form that handlers do not follow.
    pub(super) unheard: Unheard,
}

impl Deref for Shared {
    type Target = LiveBuilder;

    fn deref(&self) -> &LiveBuilder {
        &self.settings
    }
}
