//! After a commit: `after_commit` hooks and handlers are told, at least once each.

use std::time::Duration;

use super::Event;
use super::builder::Live;
use super::process::{Processed, pause};
use crate::context::{Context, Origin};
use crate::store::{KeptChange, Message, Selection, Tellable};
use crate::sync::SyncError;

/// How long one who tells has a message to himself. A hook that takes longer may be called once more meanwhile.
const CLAIM: Duration = Duration::from_secs(60);

impl Live {
    /// What this process has hooks and handlers for. What others of its database have written for theirs is left to them.
    pub(super) fn tellable(&self) -> Tellable {
        let models = self.shared.models.iter();
        let hooked = models.filter(|model| model.parts.after_commit.is_some());
        let patterns = self.shared.handlers.after_patterns();
        Tellable {
            tables: hooked.map(|model| model.table()).collect(),
            patterns: patterns.map(str::to_owned).collect(),
        }
    }

    /// Tells some of what there is to tell; answers whether there was anything.
    pub(super) async fn tell_some(&self, processed: &mut Processed) -> Result<bool, SyncError> {
        // What was processed is committed by now.
        if processed.objects + processed.retried + processed.dead > 0 {
            self.shared.written.send_replace(());
        }
        let own = self.prepare().await?;
        let (livemode, most) = (own.livemode, self.shared.at_once);
        let tellable = self.tellable();
        let store = self.shared.syncer.store();
        let messages = store.uncut(move |store| async move {
            store.claim_messages(livemode, &tellable, most, CLAIM).await
        });
        let messages = messages.await?;
        let any = !messages.is_empty();
        for message in messages {
            let told = self.tell(&message).await;
            processed.told += 1;
            processed.told_again += u64::from(told.is_err());
            store
                .uncut(move |store| async move {
                    match told {
                        Ok(()) => store.told(&message).await,
                        Err(reason) => {
                            tracing::warn!(
                                name: "stripe_sync.not_told",
                                subject = message.subject,
                                id = message.object_id,
                                reason,
                                "a hook or handler failed after its commit; it is called again"
                            );
                            let failures = u32::try_from(message.attempts).unwrap_or(u32::MAX);
                            store.not_told(&message, pause(failures), &reason).await
                        }
                    }
                })
                .await?;
        }
        Ok(any)
    }

    async fn tell(&self, message: &Message) -> Result<(), String> {
        if message.body.is_empty() {
            return self.tell_of_event(message).await;
        }
        let mut models = self.shared.models.iter();
        let hook = models
            .find(|model| model.table() == message.subject)
            .and_then(|model| model.parts.after_commit)
            .ok_or("no model of this table with an `after_commit` hook is registered here")?;
        let change = KeptChange::read(&message.body).ok_or("the change cannot be read")?;
        let context = Context::new(Origin::Event)
            .with_account(message.scope.account.as_str(), message.scope.livemode)
            .with_state(self.shared.syncer.state().clone());
        let told = hook(change, &context).await;
        told.map_err(|error| error.to_string())
    }

    async fn tell_of_event(&self, message: &Message) -> Result<(), String> {
        let livemode = message.scope.livemode;
        let selection = Selection {
            ids: Some(vec![message.object_id.clone()]),
            ..Selection::default()
        };
        let store = self.shared.syncer.store();
        let events = store
            .uncut(move |store| async move { store.events(livemode, &selection, 1).await })
            .await;
        let events = events.map_err(|error| error.to_string())?;
        let stored = events.into_iter().next();
        let stored = stored.ok_or("the event is no longer in the inbox")?;
        let event = Event::parse(stored.payload).map_err(|error| error.to_string())?;
        let told = self.shared.handlers.run_after(&event).await;
        told.map_err(|error| error.to_string())
    }
}
