//! What happens in the transaction of a write that events led to: the claim is checked, handlers run, what is to be
//! delivered is written, and the events are done.

use std::fmt;

use futures_util::future::BoxFuture;

use crate::store::db::retry::is_contended;
use crate::store::db::scope::scope_binds;
use crate::store::db::{Conn, Store, StoreError, TableContext, TxError, transaction};
use crate::store::events::content_time::ContentTime;
use crate::store::events::outbox::serialized::KeptChange;
use crate::store::events::{InboxEvent, changes, content_time, outbox, queue};
use crate::store::rows::rider::Done;
use crate::store::rows::{Rider, remarks};
use crate::store::tables::LockedTable;

/// What the application does with events.
pub(crate) trait Handlers: Send + Sync + fmt::Debug {
    /// Runs the handlers of an event that run in the transaction.
    fn in_transaction<'a>(
        &'a self,
        event: &'a InboxEvent,
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>>;

    /// Whether an event has handlers that run after the transaction.
    fn has_after_commit(&self, event: &InboxEvent) -> bool;

    /// The object that an event is about, as it says itself.
    fn about(&self, event: &InboxEvent) -> Option<queue::ObjectRef>;

    /// Whether changes are written for those who subscribe.
    fn keeps_changes(&self) -> bool;
}

/// What a write follows from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Following<'a> {
    pub(crate) claim: &'a queue::Claim,
    /// The events that the read came after, in the order in which they happened, as far as their seconds say.
    pub(crate) events: &'a [InboxEvent],
    pub(crate) handlers: &'a dyn Handlers,
    /// Whether this write is the last that follows from them: it completes them. Of several models of one resource, the
    /// others only deliver their changes.
    pub(crate) completes_events: bool,
    /// Whether the model takes events' own copies, so that the time of its rows' content is stored.
    pub(crate) keeps_content_time: bool,
    /// Up to which second of Stripe's clock events may be about what the written content holds already, where that is
    /// stored.
    pub(crate) stripe_at: Option<i64>,
}

impl Rider for Following<'_> {
    fn start<'a>(&'a self, conn: &'a mut Conn<'_>) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(queue::check(conn, self.claim))
    }

    fn locked<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        held: &'a mut LockedTable,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            if self.stripe_at.is_some() && target.versioned() {
                // Here, so that it is known whoever writes the row.
                held.finish(conn).await?;
            }
            Ok(())
        })
    }

    fn commit<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        done: &'a mut Done<'_>,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            self.deliver(conn, done).await?;
            let mut children = done.children.iter();
            if !done.failures.is_empty() || children.any(|child| !child.failures.is_empty()) {
                return Ok(());
            }
            let (scope, subject) = (&self.claim.scope, &self.claim.subject);
            let (table, id) = (done.target.table(), &subject.id);
            if done.deleted {
                for id in &done.ids {
                    content_time::remove(conn, done.target, id).await?;
                }
            }
            remarks::clear_failed(conn, &scope_binds(table, scope), &[id]).await?;
            // The row's token. Of what has no row, nothing is stored.
            let observed_at = done.held.finish.filter(|_| done.has_rows);
            if let (Some(stripe_at), Some(observed_at)) = (self.stripe_at, observed_at) {
                let content = ContentTime {
                    stripe_at,
                    observed_at,
                };
                content_time::set(conn, table, scope, id, content).await?;
            }
            self.complete(conn).await
        })
    }
}

impl Following<'_> {
    /// Writes what is to be delivered of the rows that changed.
    async fn deliver(&self, conn: &mut Conn<'_>, done: &mut Done<'_>) -> Result<(), TxError> {
        let (scope, subject) = (&self.claim.scope, &self.claim.subject);
        let table = done.target.table();
        for (id, change) in std::mem::take(done.changes) {
            let body = KeptChange::new(&change).to_json();
            outbox::insert(conn, scope, subject, table, &id, &body).await?;
        }
        for child in &mut *done.children {
            let object = child.model.object();
            for (id, change) in std::mem::take(&mut child.changes) {
                let subject = queue::ObjectRef::new(object, &*id);
                let body = KeptChange::new(&change).to_json();
                outbox::insert(conn, scope, &subject, &child.table, &id, &body).await?;
            }
        }
        if !self.handlers.keeps_changes() {
            return Ok(());
        }
        if let Some((id, kind)) = done.changed {
            let row = (table, &*subject.object, id);
            changes::insert(conn, scope, row, kind).await?;
        }
        for change in done.related {
            let row = (&*change.table, change.object, &*change.id);
            changes::insert(conn, scope, row, change.kind).await?;
        }
        Ok(())
    }

    /// Runs the handlers and completes the events, at the end of the transaction.
    ///
    /// # Errors
    /// When a handler or the database fails.
    async fn complete(&self, conn: &mut Conn<'_>) -> Result<(), TxError> {
        if !self.completes_events {
            return Ok(());
        }
        let (scope, subject) = (&self.claim.scope, &self.claim.subject);
        for event in self.events {
            self.handle(conn, event).await?;
            if self.handlers.has_after_commit(event) {
                let about = match subject.object == queue::EVENT {
                    true => self.handlers.about(event),
                    false => None,
                };
                let about = about.as_ref().unwrap_or(subject);
                outbox::insert(conn, scope, about, &event.kind, &event.id, "").await?;
            }
        }
        let ids: Vec<&str> = self.events.iter().map(|event| &*event.id).collect();
        queue::complete(conn, self.claim, &ids).await
    }

    async fn handle(&self, conn: &mut Conn<'_>, event: &InboxEvent) -> Result<(), TxError> {
        conn.own_time_zone().await?;
        match self.handlers.in_transaction(event, conn).await {
            Ok(()) => Ok(()),
            Err(error) if is_contended(&*error) => Err(TxError::contended(error)),
            Err(cause) => Err(StoreError::Handler {
                event: event.id.clone(),
                kind: event.kind.clone(),
                cause,
            }
            .into()),
        }
    }
}

impl Store {
    /// Completes events about an object that no model mirrors.
    ///
    /// # Errors
    /// When somebody else has the object by now, or a handler or the database fails.
    pub(crate) async fn follow(&self, following: Following<'_>) -> Result<(), StoreError> {
        transaction!(self, queue::TABLE, async |conn| {
            queue::check(conn, following.claim).await?;
            following.complete(conn).await
        })
    }
}
