//! Which objects an event is a notice of.

use stripe_sync_schema::catalogue;

use crate::live::service::Live;
use crate::live::work::refresh::{data, parent_of};
use crate::model::Model;
use crate::object::secret::without_secrets;
use crate::store::db::Scope;
use crate::store::events::{Disposition, EVENT, NewEvent, ObjectRef, Source};
use crate::sync::object::children::{CoveringParent, covering_parent};
use crate::sync::object::ids::names_nothing;
use crate::sync::object::parents::named;
use crate::sync::object::read::is_readable;
use crate::webhook::event::{Event, EventForm};
use crate::webhook::json::escaped;

/// The resource of connected accounts. They are objects of their platform: its list has them, and its key reads them.
pub(crate) const ACCOUNT: &str = "account";

impl Live {
    /// An event to keep, with what there is to do about it. `own` is the account of the key.
    pub(crate) fn describe(&self, event: &Event, own: &Scope, source: Source) -> NewEvent {
        let mut subjects = mirrored(event, &self.shared.models);
        let is_of_platform =
            subjects.iter().any(|subject| subject.object == ACCOUNT) || is_under_account(event);
        let account = event.account().filter(|_| !is_of_platform);
        if subjects.is_empty() && self.shared.handlers.wants(event.kind()) {
            subjects.push(ObjectRef::new(EVENT, event.id()));
        }
        let mut subjects = subjects.into_iter();
        let disposition = match subjects.next() {
            Some(subject) => Disposition::Pending {
                subject,
                others: subjects.collect(),
            },
            None => Disposition::Ignored(self.why_ignored(event)),
        };
        NewEvent {
            scope: Scope {
                account: account.unwrap_or(&own.account).to_owned(),
                livemode: event.livemode(),
            },
            id: event.id().to_owned(),
            kind: event.kind().to_owned(),
            created: event.created_seconds(),
            source,
            thin: event.form() == EventForm::Thin,
            payload: escaped(&String::from_utf8_lossy(&without_secrets(
                event.payload().clone(),
            ))),
            disposition,
        }
    }

    /// Why nothing is done about an event.
    fn why_ignored(&self, event: &Event) -> String {
        let Some(object) = event.object() else {
            return "it is about no object, and no handler is for its type".to_owned();
        };
        let model = self.models_of(object).next();
        if model.is_some_and(|model| !is_readable(model)) {
            return format!(
                "no request returns one `{object}` by its id, so only `sync_all` brings it up to date"
            );
        }
        if let Some(reason) = event.object_id().and_then(names_nothing) {
            return reason.to_owned();
        }
        if event.object_id().is_none() && self.shared.known.has(object) {
            return format!("it does not say which `{object}` it is about");
        }
        format!("no model mirrors `{object}`, and no handler is for its type")
    }
}

/// The mirrored objects that an event tells of: the one that it is about first, then those that it names and that an
/// event of its type changes too.
fn mirrored(event: &Event, models: &[&'static Model]) -> Vec<ObjectRef> {
    let mut subjects: Vec<ObjectRef> = Vec::new();
    // Of children that have no events, their parent is to be read.
    let is_mirrored = |object: &str| {
        models.iter().any(|model| {
            let parent = covering_parent(model, object);
            let is_told =
                |parent: CoveringParent| !parent.is_set || parent.is_told_by(event.snapshot_kind());
            (model.object() == object && is_readable(model)) || parent.is_some_and(is_told)
        })
    };
    if let Some(object) = event.object()
        && is_mirrored(object)
    {
        let mut covering_parents = models
            .iter()
            .filter_map(|model| covering_parent(model, object));
        let id = match covering_parents.find_map(|covering_parent| covering_parent.member) {
            // What sums up a parent's list has no id: it is the parent that is to be read.
            Some(member) => named_by(event, member),
            None => event.object_id().map(str::to_owned),
        };
        let id = id.filter(|id| names_nothing(id).is_none());
        subjects.extend(id.map(|id| ObjectRef::new(object, id)));
    }
    for model in models {
        let parent =
            Some(model.object()) != event.object() && tells_of(model, event.snapshot_kind());
        if parent
            && let Some(id) = named_by(event, model.object())
            && !subjects.iter().any(|known| known.object == model.object())
        {
            subjects.push(ObjectRef::new(model.object(), id));
        }
    }
    subjects
}

/// Whether an event of a type is one of the model's resource, though it carries another object.
fn tells_of(model: &'static Model, kind: &str) -> bool {
    let Some(resource) = catalogue::resource(model.object()) else {
        return false;
    };
    // `customer.source.created` is about a source, and the customer that names it changes.
    resource.events.contains(&kind)
        || resource.deleted_events.contains(&kind)
        || kind
            .strip_prefix(model.object())
            .is_some_and(|rest| rest.starts_with('.'))
}

/// The id of the object that a member of the event's object names.
fn named_by(event: &Event, member: &str) -> Option<String> {
    named(&data(event)?, member)
}

/// Whether the event's object is read below an account: the key of the platform reads it there, whose lists show it.
fn is_under_account(event: &Event) -> bool {
    let resource = event.object().and_then(catalogue::resource);
    let parent = resource
        .filter(|resource| !resource.under.is_empty())
        .and_then(|resource| parent_of(event, resource));
    parent.is_some_and(|parent| parent.object() == ACCOUNT)
}
