//! After a commit: changes and events are delivered to `after_commit` hooks and handlers, at least once each.

use std::time::Duration;

use super::Event;
use super::builder::Live;
use super::process::{Processed, pause};
use crate::context::Origin;
use crate::store::{KeptChange, Message, Selection, Tellable};
use crate::sync::SyncError;

/// How long one who delivers has a message to himself. A hook that takes longer may be called once more meanwhile.
const CLAIM: Duration = Duration::from_secs(60);

impl Live {
    /// What this process has hooks and handlers for. What others of its database have written for theirs is left to them.
    pub(super) fn tellable(&self) -> Tellable {
        let models = self.shared.models.iter();
        let hooked = models.filter(|model| model.parts.after_commit.is_some());
        let patterns = self.shared.handlers.after_patterns();
        Tellable {
            tables: hooked.map(|model| self.table(model)).collect(),
            patterns: patterns.map(str::to_owned).collect(),
        }
    }

    /// Delivers some of what there is to deliver; answers whether there was anything.
    pub(super) async fn deliver_some(&self, processed: &mut Processed) -> Result<bool, SyncError> {
        // What was processed is committed by now.
        if processed.objects + processed.retried + processed.dead > 0 {
            self.shared.written.send_replace(());
        }
        let own = self.prepare().await?;
        let (store, most) = (self.store(), self.shared.at_once);
        let messages = store
            .claim_messages(own.livemode, &self.tellable(), most, CLAIM)
            .await?;
        let any = !messages.is_empty();
        for message in messages {
            processed.told += 1;
            let Err(reason) = self.deliver(&message).await else {
                store.delivered(&message).await?;
                continue;
            };
            processed.told_again += 1;
            tracing::warn!(
                name: "stripe_sync.not_told",
                subject = message.subject,
                id = message.object_id,
                reason,
                "a hook or handler failed after its commit; it is called again"
            );
            let failures = u32::try_from(message.attempts).unwrap_or(u32::MAX);
            store
                .not_delivered(&message, pause(failures), &reason)
                .await?;
        }
        Ok(any)
    }

    async fn deliver(&self, message: &Message) -> Result<(), String> {
        if message.body.is_empty() {
            return self.deliver_event(message).await;
        }
        let mut models = self.shared.models.iter();
        let hook = models
            .find(|model| self.table(model) == message.subject)
            .and_then(|model| model.parts.after_commit)
            .ok_or("no model of this table with an `after_commit` hook is registered here")?;
        let change = KeptChange::read(&message.body).ok_or("the change cannot be read")?;
        let context = self.shared.syncer.context(Origin::Event, &message.scope);
        let delivered = hook(change, &context).await;
        delivered.map_err(|error| error.to_string())
    }

    async fn deliver_event(&self, message: &Message) -> Result<(), String> {
        let selection = Selection {
            ids: Some(vec![message.object_id.clone()]),
            ..Selection::default()
        };
        let events = self.store().events(message.scope.livemode, &selection, 1);
        let events = events.await.map_err(|error| error.to_string())?;
        let stored = events.into_iter().next();
        let stored = stored.ok_or("the event is no longer in the inbox")?;
        let event = Event::parse(stored.payload).map_err(|error| error.to_string())?;
        let delivered = self.shared.handlers.run_after(&event).await;
        delivered.map_err(|error| error.to_string())
    }
}
