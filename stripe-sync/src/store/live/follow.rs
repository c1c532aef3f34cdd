//! What happens in the transaction of a write that events led to: the claim is checked, handlers run, what is to be told
//! is written, and the events are done.

use std::fmt;

use futures_util::future::BoxFuture;

use super::dates::{self, Dated};
use super::inbox::StoredEvent;
use super::{ChangeKind, changes, outbox, work};
use crate::hooks::ChangedCells;
use crate::store::Store;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::failed;
use crate::store::fault::{Fault, Tries, is_busy};
use crate::store::kept::KeptChange;

/// What the application does with events.
pub(crate) trait Handlers: Send + Sync + fmt::Debug {
    /// Runs the handlers of an event that run in the transaction.
    fn in_transaction<'a>(
        &'a self,
        event: &'a StoredEvent,
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>>;

    /// Whether an event has handlers that run after the transaction.
    fn has_after_commit(&self, event: &StoredEvent) -> bool;

    /// Whether changes are kept for those who subscribe.
    fn keeps_changes(&self) -> bool;
}

/// What a write follows from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Following<'a> {
    pub(crate) claim: &'a work::Claim,
    /// The events that the read came after, in the order in which they came.
    pub(crate) events: &'a [StoredEvent],
    pub(crate) handlers: &'a dyn Handlers,
    /// Whether this write is the last that follows from them: it completes them. Of several models of one resource, the
    /// others only tell of their changes.
    pub(crate) last: bool,
    /// Of when the written content is, in unix seconds of Stripe's clock, where the model takes events' own copies.
    pub(crate) stripe_at: Option<i64>,
}

impl Following<'_> {
    /// Holds the object, at the beginning of the transaction.
    ///
    /// # Errors
    /// When somebody else has it by now.
    pub(in crate::store) async fn check(&self, conn: &mut Conn<'_>) -> Result<(), Fault> {
        work::check(conn, self.claim).await
    }

    /// Runs the handlers and completes the events, at the end of the transaction. `told` are told to hooks later, and what
    /// happened to which row, `changed`, is kept for those who subscribe; `observed_at` is the row's token now, if it has one.
    ///
    /// # Errors
    /// When a handler or the database fails.
    pub(in crate::store) async fn complete(
        &self,
        conn: &mut Conn<'_>,
        table: &str,
        told: Vec<(String, ChangedCells)>,
        changed: Option<(&str, ChangeKind)>,
        observed_at: Option<i64>,
    ) -> Result<(), Fault> {
        let id = &self.claim.subject.id;
        if !table.is_empty() {
            failed::clear(conn, table, &self.claim.scope, std::slice::from_ref(id)).await?;
        }
        if let (Some(stripe_at), Some(observed_at)) = (self.stripe_at, observed_at) {
            let dated = Dated {
                stripe_at,
                observed_at,
            };
            dates::set(conn, table, &self.claim.scope, id, dated).await?;
        }
        for (id, change) in told {
            let body = KeptChange::new(&change).to_json();
            outbox::insert(conn, &self.claim.scope, table, &id, &body).await?;
        }
        if let Some((id, kind)) = changed.filter(|_| self.handlers.keeps_changes()) {
            changes::insert(conn, self.claim, table, id, kind).await?;
        }
        if !self.last {
            return Ok(());
        }
        for event in self.events {
            self.handle(conn, event).await?;
            if self.handlers.has_after_commit(event) {
                let scope = &self.claim.scope;
                outbox::insert(conn, scope, &event.kind, &event.id, "").await?;
            }
        }
        let ids: Vec<String> = self.events.iter().map(|event| event.id.clone()).collect();
        Ok(work::complete(conn, self.claim, &ids).await?)
    }

    async fn handle(&self, conn: &mut Conn<'_>, event: &StoredEvent) -> Result<(), Fault> {
        match self.handlers.in_transaction(event, conn).await {
            Ok(()) => Ok(()),
            Err(error) if is_busy(&*error) => Err(Fault::Busy {
                reason: error.to_string(),
                source: None,
            }),
            Err(source) => Err(StoreError::Handler {
                event: event.id.clone(),
                kind: event.kind.clone(),
                source,
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
        let mut tries = Tries::new(work::TABLE, self.kind());
        loop {
            match self.try_follow(following).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_follow(&self, following: Following<'_>) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        following.check(&mut conn).await?;
        following
            .complete(&mut conn, "", Vec::new(), None, None)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
