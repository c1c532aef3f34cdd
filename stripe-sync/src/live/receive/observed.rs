//! What deliveries and lists say of each other.

use std::collections::BTreeMap;

use crate::live::service::Live;
use crate::store::db::Scope;
use crate::store::events::Source;
use crate::store::events::cursor::Cursor;

/// An event that was received.
pub(crate) struct Observation<'e> {
    /// The account whose endpoint or list brought it.
    pub(crate) account: &'e str,
    pub(crate) created: i64,
    /// Whether a model or handler needs it.
    pub(crate) is_needed: bool,
}

impl Live {
    /// Notes which accounts deliveries came from, and of which accounts lists show events that are needed.
    pub(crate) async fn observe(
        &self,
        received: &[Observation<'_>],
        source: Source,
        livemode: bool,
    ) {
        if source == Source::Listed {
            let mut lists = self.shared.observed.lists();
            for event in received.iter().filter(|event| event.is_needed) {
                lists.shows(event.account, event.created);
            }
            return;
        }
        let mut newest = BTreeMap::<&str, i64>::new();
        for event in received {
            let newest = newest.entry(event.account).or_insert(event.created);
            *newest = event.created.max(*newest);
        }
        for (account, created) in newest {
            if !self
                .shared
                .observed
                .lists()
                .is_to_be_noted(account, created)
            {
                continue;
            }
            let account = account.to_owned();
            let scope = Scope { account, livemode };
            let noted = self
                .store()
                .set_cursor(&scope, Cursor::Delivered, created, false);
            match noted.await {
                Ok(()) => self.shared.observed.lists().noted(&scope.account, created),
                // The events are kept, and the next one notes it.
                Err(error) => {
                    tracing::debug!(name: "stripe_sync.not_noted", %error, "a delivery was not noted");
                }
            }
        }
    }
}
