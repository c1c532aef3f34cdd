//! Which objects an event is a notice of.

use serde::Deserialize;
use serde_json::Value;
use stripe_sync_schema::catalogue;

use super::builder::Live;
use super::children::is_told_by;
use super::{Event, EventForm};
use crate::model::Model;
use crate::store::{EVENT, NewEvent, Scope, Source, Subject};

/// The resource of connected accounts. They are objects of their platform: its list has them, and its key reads them.
pub(super) const ACCOUNT: &str = "account";

impl Live {
    /// An event to keep, with what there is to do about it. `own` is the account of the key.
    pub(super) fn describe(&self, event: &Event, own: &Scope, source: Source) -> NewEvent {
        let mut subjects = mirrored(event, &self.shared.models);
        let is_of_platform = subjects.iter().any(|subject| subject.object == ACCOUNT);
        let account = event.account().filter(|_| !is_of_platform);
        let subject = match subjects.is_empty() {
            false => Some(subjects.remove(0)),
            true if self.shared.handlers.wants(event.snapshot_kind()) => {
                Some(Subject::new(EVENT, event.id()))
            }
            true => None,
        };
        NewEvent {
            scope: Scope {
                account: account.unwrap_or(&own.account).to_owned(),
                livemode: event.livemode(),
            },
            id: event.id().to_owned(),
            kind: event.kind().to_owned(),
            created: event.created(),
            source,
            thin: event.form() == EventForm::Thin,
            payload: String::from_utf8_lossy(event.payload()).into_owned(),
            subject,
            others: subjects,
        }
    }
}

/// The mirrored objects that an event tells of: the one that it is about first, then those that it names and that an
/// event of its type changes too.
fn mirrored(event: &Event, models: &[&'static Model]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::new();
    // Of children that have no events, their parent is to be read.
    let is_mirrored = |object: &str| {
        models
            .iter()
            .any(|model| model.object() == object || is_told_by(model, object))
    };
    if let (Some(object), Some(id)) = (event.object(), event.object_id())
        && is_mirrored(object)
    {
        subjects.push(Subject::new(object, id));
    }
    for model in models {
        let parent =
            Some(model.object()) != event.object() && tells_of(model, event.snapshot_kind());
        if parent
            && let Some(id) = named(event, model.object())
            && !subjects.iter().any(|known| known.object == model.object())
        {
            subjects.push(Subject::new(model.object(), id));
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
fn named(event: &Event, object: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Reference {
        Id(String),
        Object { id: String },
    }
    let data: Value = serde_json::from_slice(event.data_object()?).ok()?;
    let reference = Reference::deserialize(data.get(object)?).ok()?;
    Some(match reference {
        Reference::Id(id) | Reference::Object { id } => id,
    })
}
