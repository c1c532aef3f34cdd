//! One object into the tables of its models: read, or taken from an event, and written until it is the newest.

use std::sync::{Arc, PoisonError};

use crate::client::Meter;
use crate::live::builder::Live;
use crate::live::receive::subjects::parent_of;
use crate::live::work::snapshot::EventSnapshot;
use crate::model::Model;
use crate::model::context::Origin;
use crate::store::db::scope::Scope;
use crate::store::events::completion::Following;
use crate::store::events::inbox::InboxEvent;
use crate::store::events::queue::Claim;
use crate::store::rows::remarks::failed::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::absence::Doubt;
use crate::sync::object::map::{Mapped, map};
use crate::sync::object::read::{Read, resource};
use crate::sync::object::run::Run;
use crate::sync::object::write::Writer;
use crate::webhook::event::Event;

/// How the types of thin events about objects of v1 begin.
const THIN: &str = "v1.";

/// How the types of events about new objects end.
const CREATED: &str = ".created";

/// A claimed object on its way.
pub(crate) struct Refresh<'a> {
    pub(crate) live: &'a Live,
    pub(crate) claim: &'a Claim,
    pub(crate) events: &'a [InboxEvent],
    /// The key's own account.
    pub(crate) own: &'a Scope,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) copy: Option<EventSnapshot>,
    /// The last read, which several models of one resource share.
    pub(crate) read: Option<Read>,
    /// How many rows are an event's own copy.
    pub(crate) copied: u64,
}

impl<'a> Refresh<'a> {
    /// The work on one model's table, once it is checked. A connected account's objects are read as that account.
    pub(crate) async fn run(&self, model: &'static Model) -> Result<Run<'a>, SyncError> {
        let scope = &self.claim.scope;
        self.live.check(model, scope).await?;
        let run = Run::new(
            &self.live.shared.syncer,
            model,
            scope.clone(),
            Origin::Event,
        );
        let run = run.following(scope.account != self.own.account, self.meter);
        self.name_parent(&run);
        Ok(run)
    }

    /// Says which parent the object is read below, if one of its events tells.
    fn name_parent(&self, run: &Run<'_>) {
        let Some(resource) = resource(run.model).filter(|resource| !resource.under.is_empty())
        else {
            return;
        };
        // The newest last, so that its word counts.
        for event in self.events {
            let event = Event::parse(event.payload.clone());
            if let Some(parent) = event.ok().and_then(|event| parent_of(&event, resource)) {
                run.parents.know(&self.claim.subject.id, parent);
            }
        }
    }

    /// Writes the object to a model's table; the `last` model's write completes the events.
    pub(crate) async fn refresh(
        &mut self,
        model: &'static Model,
        last: bool,
    ) -> Result<(), SyncError> {
        let run = self.run(model).await?;
        let mut writer = Writer::new(&run);
        writer.following = Some(Following {
            dates: self.live.takes_snapshots(model),
            ..self.following(last)
        });
        writer.doubt = Some(self.doubt(model));
        if self.take_copy(&mut writer).await? {
            self.copied += 1;
            return Ok(());
        }
        let (id, mut outcomes) = (&self.claim.subject.id, Vec::new());
        let newest = writer.newest(vec![id.clone()], self.read.take(), &mut outcomes);
        let (failures, read) = newest.await?;
        self.read = read;
        let Some(failure) = failures.into_iter().next() else {
            return Ok(());
        };
        let failure = Failure {
            id: id.clone(),
            ..failure
        };
        let failed = std::slice::from_ref(&failure);
        run.store().record_failed(model, &run.scope, failed).await?;
        Err(SyncError::Object {
            model: model.name(),
            failure,
        })
    }

    /// How far a read that finds nothing is believed. After an event of a parent, by which a child is read, a child may be gone.
    fn doubt(&self, model: &'static Model) -> Doubt<'a> {
        let newest = |fits: &dyn Fn(&str) -> bool| {
            let fitting = self.events.iter().filter(|event| {
                let kind = event.kind.strip_prefix(THIN).unwrap_or(&event.kind);
                fits(kind)
            });
            fitting.map(|event| event.created.timestamp()).max()
        };
        let deleted = match resource(model) {
            Some(resource) => newest(&|kind| resource.deleted_events.contains(&kind)),
            None => Some(i64::MAX),
        };
        let created = newest(&|kind| kind.ends_with(CREATED));
        Doubt {
            absences: &self.live.shared.absences,
            is_told: self.events.is_empty() || deleted.is_some(),
            // Events of one second have no order.
            may_be_back: created.is_some() && created >= deleted,
        }
    }

    /// Writes an event's own copy, if the model takes it and it is newer than the row; answers whether it did. What keeps
    /// it from being written is left to a read to find again.
    async fn take_copy(&mut self, writer: &mut Writer<'_>) -> Result<bool, SyncError> {
        let run = writer.run;
        // A read is there already, and newer than any event.
        if !self.live.takes_snapshots(run.model) || self.read.is_some() {
            return Ok(false);
        }
        if self.copy.is_none() {
            self.copy = self.live.copy(self.claim, self.events).await?;
        }
        let Some(copy) = &self.copy else {
            return Ok(false);
        };
        let Some(start) = self.live.newer_than(run, copy).await? else {
            return Ok(false);
        };
        let mapped = map(run.model, copy.object.clone(), &run.context).await;
        if !matches!(mapped, Mapped::Row(_) | Mapped::Outside(_)) {
            return Ok(false);
        }
        writer.date(Some(copy.created));
        let (mut outcomes, mut failures) = (Vec::new(), Vec::new());
        writer
            .object(mapped, start, &mut outcomes, &mut failures)
            .await?;
        Ok(!outcomes.is_empty())
    }

    /// Completes the events of an object that no model mirrors.
    pub(crate) async fn follow(&self) -> Result<(), SyncError> {
        let followed = self.live.store().follow(self.following(true));
        Ok(followed.await?)
    }

    /// What a write follows from.
    fn following(&self, last: bool) -> Following<'a> {
        Following {
            claim: self.claim,
            events: self.events,
            handlers: &self.live.shared.handlers,
            last,
            dates: false,
            stripe_at: None,
        }
    }
}

impl Live {
    /// Checks a table for a model and an account, once in this process.
    pub(crate) async fn check(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<(), SyncError> {
        let key = (self.table(model), model.name(), scope.account.clone());
        let checked = &self.shared.checked;
        let known = || checked.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&key) {
            return Ok(());
        }
        crate::sync::object::run::check_scope(&self.shared.syncer, model, scope).await?;
        known().insert(key);
        Ok(())
    }
}
