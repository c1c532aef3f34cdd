//! Events that handlers name and that come in the form alone that handlers do not follow: mostly the endpoint is of the other
//! form than the service was told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::live::builder::Live;
use crate::sync::error::SyncError;
use crate::webhook::form::plain;

/// How long nobody looks for events of a type once somebody did: all events of the last days are counted for that.
const LOOK_AGAIN: Duration = Duration::from_secs(3_600);

/// What this process knows of such events.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    /// Whether one may have come since it was looked for.
    came: AtomicBool,
    /// The types that were looked for, and when.
    looked_for: Mutex<HashMap<String, Instant>>,
    /// The types of which it was said.
    said: Mutex<HashSet<String>>,
}

impl Live {
    /// Notes the type of an event that was received.
    pub(crate) fn note_form(&self, kind: &str) {
        let handlers = &self.shared.handlers;
        if handlers.form.follows(kind) || !handlers.names(kind) {
            return;
        }
        let looked_for = &self.shared.unheard.looked_for;
        let mut looked_for = looked_for.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = looked_for.get(plain(kind));
        if lately.is_none_or(|moment| moment.elapsed() >= LOOK_AGAIN) {
            looked_for.insert(plain(kind).to_owned(), Instant::now());
            self.shared.unheard.came.store(true, Ordering::Relaxed);
        }
    }

    /// Says of which types such events came, once of each, if any may have come to this process.
    pub(crate) async fn say_unheard(&self) -> Result<(), SyncError> {
        if !self.shared.unheard.came.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let own = self.prepare().await?;
        self.count_unheard(own.livemode).await.map(drop)
    }

    /// How many such events came in the last day; says so of each type once.
    pub(crate) async fn count_unheard(&self, livemode: bool) -> Result<u64, SyncError> {
        let handlers = &self.shared.handlers;
        if handlers.is_empty() {
            return Ok(0);
        }
        // Of each type those that are followed, and those that are not.
        let mut kinds = BTreeMap::<String, [u64; 2]>::new();
        for (kind, count) in self.store().count_kinds(livemode).await? {
            if handlers.names(&kind) {
                let of = usize::from(!handlers.form.follows(&kind));
                let counts = kinds.entry(plain(&kind).to_owned()).or_default();
                counts[of] += u64::try_from(count).unwrap_or_default();
            }
        }
        let mut unheard = 0;
        for (kind, [followed, other]) in kinds {
            if followed > 0 || other == 0 {
                continue;
            }
            unheard += other;
            let said = &self.shared.unheard.said;
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.insert(kind.clone()) {
                tracing::warn!(
                    name: "stripe_sync.other_form",
                    kind,
                    events = other,
                    follows = ?handlers.form,
                    "a handler names events that come in the form alone that handlers do not follow; see `handler_form`"
                );
            }
        }
        Ok(unheard)
    }
}
