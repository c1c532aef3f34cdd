//! Events that handlers name and that come in the form alone that handlers do not follow: mostly the endpoint is of the other
//! form than the service was told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::calls::lock;
use crate::live::handlers::HandlerTable;
use crate::store::db::{Store, StoreError};
use crate::webhook::form::plain;

/// How long nobody looks for events of a type once somebody did: all events of the last days are counted for that.
const LOOK_AGAIN: Duration = Duration::from_secs(3_600);

/// What this process knows of such events.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    /// Whether one may have been received since it was looked for.
    may_be: AtomicBool,
    /// The types that were looked for, and when.
    looked_for: Mutex<HashMap<String, Instant>>,
    /// The types of which it was said.
    said: Mutex<HashSet<String>>,
}

impl Unheard {
    /// Notes the type of an event that was received.
    pub(crate) fn note(&self, handlers: &HandlerTable, kind: &str) {
        if handlers.form.follows(kind) || !handlers.names(kind) {
            return;
        }
        let mut looked_for = lock(&self.looked_for);
        let lately = looked_for.get(plain(kind));
        if lately.is_none_or(|moment| moment.elapsed() >= LOOK_AGAIN) {
            looked_for.insert(plain(kind).to_owned(), Instant::now());
            self.may_be.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether any may have been received since this was asked last.
    pub(crate) fn take(&self) -> bool {
        self.may_be.swap(false, Ordering::Relaxed)
    }

    /// How many such events were received in the last day; each type is logged once.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count(
        &self,
        handlers: &HandlerTable,
        store: &Store,
        livemode: bool,
    ) -> Result<u64, StoreError> {
        if handlers.is_empty() {
            return Ok(0);
        }
        // Of each type those that are followed, and those that are not.
        let mut kinds = BTreeMap::<String, [u64; 2]>::new();
        for (kind, count) in store.count_kinds(livemode).await? {
            if handlers.names(&kind) {
                let of = usize::from(!handlers.form.follows(&kind));
                let counts = kinds.entry(plain(&kind).to_owned()).or_default();
                counts[of] += u64::try_from(count).unwrap_or_default();
            }
        }
        kinds.retain(|_, [followed, other]| *followed == 0 && *other > 0);
        for (kind, [_, events]) in &kinds {
            if lock(&self.said).insert(kind.clone()) {
                tracing::warn!(
                    name: "stripe_sync.other_form",
                    kind,
                    events,
                    follows = ?handlers.form,
                    "a handler names events that come in the form alone that handlers do not follow; see `handler_form`"
                );
            }
        }
        Ok(kinds.values().map(|[_, events]| events).sum())
    }
}
