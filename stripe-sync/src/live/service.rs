//! What all clones of a service share.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Mutex;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::live::builder::LiveBuilder;
use crate::live::deliver::unheard::Unheard;
use crate::live::work::process::ProcessStats;
use crate::store::events::queue::handled::HandledResources;
use crate::sync::object::absence::Absences;

pub(crate) struct Shared {
    pub(crate) settings: LiveBuilder,
    /// The resources that this process knows.
    pub(crate) known: HandledResources,
    /// Wakes the workers of this process when something was received.
    pub(crate) wake: Notify,
    /// Wakes the delivery of this process when an object was processed.
    pub(crate) wake_delivery: Notify,
    /// What is being given back.
    pub(crate) releases: Mutex<JoinSet<()>>,
    /// Wakes the subscriptions of this process when its workers wrote something.
    pub(crate) written: watch::Sender<()>,
    /// The tables, models and accounts that were checked.
    pub(crate) checked: Mutex<HashSet<(String, &'static str, String)>>,
    /// The rows that went because Stripe does not know their objects, though no event told of it.
    pub(crate) absences: Absences,
    /// What this process has processed.
    pub(crate) totals: Mutex<ProcessStats>,
    /// What came in the form that handlers do not follow.
    pub(crate) unheard: Unheard,
}

impl Deref for Shared {
    type Target = LiveBuilder;

    fn deref(&self) -> &LiveBuilder {
        &self.settings
    }
}
