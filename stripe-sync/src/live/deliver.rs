//! After a commit: changes and events are delivered to `after_commit` hooks and handlers, at least once each.

use std::future::ready;
use std::time::Duration;

use tokio::sync::Notify;

use futures_util::future::BoxFuture;

use crate::live::claims::{CLAIM, HeldClaim};
use crate::live::service::{Live, ProcessStats};
use crate::live::worker::{Backlog, Work};
use crate::model::context::Origin;
use crate::model::hooks::{AFTER_COMMIT, HookError};
use crate::store::events::outbox::deliverable::Deliverable;
use crate::store::events::outbox::serialized::KeptChange;
use crate::store::events::{Message, Turn};
use crate::sync::error::SyncError;
use crate::webhook::event::Event;

/// How often the outbox is asked for messages that other processes wrote, or that are due again.
const POLL_MESSAGES: Duration = Duration::from_secs(1);

/// The messages that are due.
pub(crate) struct Messages {
    live: Live,
    turn: Turn,
}

impl Messages {
    pub(crate) fn new(live: &Live) -> Self {
        Self {
            live: live.clone(),
            turn: Turn::default(),
        }
    }
}

impl Backlog for Messages {
    fn claim(&mut self, most: usize) -> BoxFuture<'_, Result<Vec<Work>, SyncError>> {
        Box::pin(async move {
            let live = &self.live;
            let own = live.prepare().await?;
            let (store, deliverable) = (live.store(), live.deliverable());
            let turn = &mut self.turn;
            let messages = store.claim_messages(own.livemode, &deliverable, most, CLAIM, turn);
            let work = messages.await?.into_iter().map(|message| {
                let (live, message) = (live.clone(), HeldClaim::new(live, message));
                Box::pin(async move { live.claimed_message(message).await }) as Work
            });
            Ok(work.collect())
        })
    }

    fn signal(&self) -> &Notify {
        &self.live.shared.wake_delivery
    }

    fn due_in(&self) -> BoxFuture<'_, Duration> {
        Box::pin(ready(POLL_MESSAGES))
    }
}

impl Live {
    /// What this process has hooks and handlers for. What others of its database have written for theirs is left to them.
    pub(crate) fn deliverable(&self) -> Deliverable {
        let models = self.shared.models.iter();
        let hooked = models.filter(|model| model.parts.after_commit.is_some());
        let patterns = self.shared.handlers.after_patterns();
        Deliverable {
            tables: hooked.map(|model| self.table(model)).collect(),
            patterns: patterns.map(str::to_owned).collect(),
        }
    }

    /// Delivers a claimed message, whose claim is renewed meanwhile.
    async fn claimed_message(
        &self,
        message: HeldClaim<Message>,
    ) -> Result<ProcessStats, SyncError> {
        let store = self.store();
        let mut processed = ProcessStats::default();
        let Some(delivered) = message.while_renewed(self.deliver(&message)).await? else {
            return Ok(processed);
        };
        processed.delivered = 1;
        match delivered {
            Ok(()) => store.delivered(&message).await?,
            Err(reason) => {
                let failed = self.not_delivered(&message, &reason, &mut processed);
                failed.await?;
            }
        }
        message.settle();
        Ok(processed)
    }

    async fn not_delivered(
        &self,
        message: &Message,
        reason: &str,
        processed: &mut ProcessStats,
    ) -> Result<(), SyncError> {
        let pause = self.next_try(message.attempts);
        tracing::warn!(
            name: "stripe_sync.not_delivered",
            subject = message.subject,
            id = message.object_id,
            last = pause.is_none(),
            reason,
            "a hook or handler failed after its commit; it is called again unless that was the last time"
        );
        let store = self.store();
        match pause {
            Some(pause) => {
                processed.redelivered += 1;
                store.not_delivered(message, pause, reason).await?;
            }
            None => {
                processed.never_delivered += 1;
                store.dead_letter_message(message, reason).await?;
            }
        }
        Ok(())
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
        match context.call(hook(change, &context)).await {
            Ok(delivered) => delivered.map_err(|error| error.to_string()),
            Err(error) => Err(HookError::new(AFTER_COMMIT, error).to_string()),
        }
    }

    async fn deliver_event(&self, message: &Message) -> Result<(), String> {
        let events = self.events_of(message.scope.livemode, [&message.object_id]);
        let events = events.await.map_err(|error| error.to_string())?;
        let stored = events.into_iter().next();
        let stored = stored.ok_or("the event is no longer in the inbox")?;
        let event = Event::parse(stored.payload).map_err(|error| error.to_string())?;
        let delivered = self.shared.handlers.run_after(&event).await;
        delivered.map_err(|error| error.to_string())
    }
}
