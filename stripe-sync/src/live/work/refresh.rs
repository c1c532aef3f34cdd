//! One object into the tables of its models: read, or taken from an event, and written until it is the newest.

use std::sync::Arc;

use serde_json::Value;
use stripe_sync_schema::catalogue::Resource;

use crate::client::Meter;
use crate::live::service::Live;
use crate::live::work::snapshot::EventSnapshot;
use crate::model::Model;
use crate::model::context::Origin;
use crate::store::db::Scope;
use crate::store::events::completion::Following;
use crate::store::events::{Claim, InboxEvent};
use crate::sync::error::SyncError;
use crate::sync::list::plan::resource;
use crate::sync::object::absence::Doubt;
use crate::sync::object::map::map;
use crate::sync::object::{Mapped, ModelRun, ObjectWriter, Parent, Read};
use crate::webhook::event::{Event, EventForm};
use crate::webhook::form::plain;

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
    pub(crate) snapshot: Option<EventSnapshot>,
    /// The last read, which several models of one resource share.
    pub(crate) read: Option<Read>,
    /// How many rows are an event's snapshot.
    pub(crate) copied: u64,
}

impl<'a> Refresh<'a> {
    /// The work on one model's table, once it is checked. A connected account's objects are read as that account.
    pub(crate) async fn begin_on(&self, model: &'static Model) -> Result<ModelRun<'a>, SyncError> {
        let scope = &self.claim.scope;
        self.live.check(model, scope).await?;
        let run = ModelRun::new(
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
    fn name_parent(&self, run: &ModelRun<'_>) {
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
        let run = self.begin_on(model).await?;
        let mut writer = ObjectWriter::new(&run);
        writer.following = Some(Following {
            keeps_content_time: self.live.takes_snapshots(model),
            ..self.following(last)
        });
        writer.doubt = Some(self.doubt(model));
        if self.write_snapshot(&mut writer).await? {
            self.copied += 1;
            return failed_child(&mut writer);
        }
        let id = self.claim.subject.id.clone();
        let (outcomes, read) = writer.write_newest(id, self.read.take()).await?;
        self.read = read;
        failed_child(&mut writer)?;
        match outcomes.iter().find_map(|(_, outcome)| outcome.failure()) {
            None => Ok(()),
            Some(failure) => Err(SyncError::Object {
                model: model.name(),
                failure: failure.clone(),
            }),
        }
    }

    /// How far a read that finds nothing is believed. After an event of a parent, by which a child is read, a child may be gone.
    pub(crate) fn doubt(&self, model: &'static Model) -> Doubt<'a> {
        let newest = |fits: &dyn Fn(&str) -> bool| {
            let fitting = self.events.iter().filter(|event| fits(plain(&event.kind)));
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

    /// Writes an event's snapshot, if the model takes it and it is newer than the row. Returns whether it did. What keeps it
    /// from being written is left to a read to find again.
    async fn write_snapshot(&mut self, writer: &mut ObjectWriter<'_>) -> Result<bool, SyncError> {
        let run = writer.run;
        // A read is there already, and newer than any event.
        if !self.live.takes_snapshots(run.model) || self.read.is_some() {
            return Ok(false);
        }
        if self.snapshot.is_none() {
            self.snapshot = self.snapshot().await?;
        }
        let Some(snapshot) = &self.snapshot else {
            return Ok(false);
        };
        let Some(start) = self.newer_than(run, snapshot).await? else {
            return Ok(false);
        };
        let mapped = map(run.model, snapshot.object.clone(), &run.context).await;
        if !matches!(mapped, Mapped::Row(_) | Mapped::Outside(_)) {
            return Ok(false);
        }
        writer.date(Some(snapshot.created));
        let mut outcomes = Vec::new();
        let again = writer
            .write_once(vec![mapped], start, None, &mut outcomes)
            .await?;
        // Rows of its children may be newer than the copy.
        if !again.is_empty() {
            return Ok(false);
        }
        let mut outcomes = outcomes.iter();
        Ok(outcomes.any(|(_, outcome)| outcome.failure().is_none()))
    }

    /// What a write follows from.
    pub(crate) fn following(&self, last: bool) -> Following<'a> {
        Following {
            claim: self.claim,
            events: self.events,
            handlers: &self.live.shared.handlers,
            completes_events: last,
            keeps_content_time: false,
            stripe_at: None,
        }
    }
}

/// # Errors
/// When the row of a child failed: the events are not done.
pub(crate) fn failed_child(writer: &mut ObjectWriter<'_>) -> Result<(), SyncError> {
    match writer.failed_children.pop() {
        None => Ok(()),
        Some((model, failure)) => Err(SyncError::Object {
            model: model.name(),
            failure,
        }),
    }
}

/// The object of a snapshot event.
pub(crate) fn data(event: &Event) -> Option<Value> {
    serde_json::from_slice(event.data_object()?).ok()
}

/// The parent below which the event's object is read.
pub(crate) fn parent_of(event: &Event, resource: &Resource) -> Option<Parent> {
    match event.form() {
        EventForm::Thin => Parent::in_path(resource, event.object_url()?),
        EventForm::Snapshot => Parent::named_by(resource, &data(event)?),
    }
}
