//! What changed while the lists were read: Stripe's events say, and the objects are read again. Of children without events
//! of their own those of the parent say it, so all children of a parent that changed are read again.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures_util::future;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::Request;
use crate::model::Model;
use crate::store::OVERTAKEN;

use super::SyncError;
use super::by_ids;
use super::children::{children_of, told_by};
use super::lease::Walking;
use super::retrieve::resource;
use super::write::Writer;

/// How far before the first page events are looked for, in seconds: they become visible late. Others lost rows with 300.
pub(crate) const OVERLAP: i64 = 600;
/// Stripe remembers events for 30 days (docs.stripe.com/api/events).
pub(crate) const REMEMBERED: i64 = 30 * 86_400;
/// Objects and parents that are read again together; of those before, one may come once more.
const TOGETHER: usize = 1_000;
/// The most event types that a request can name.
const MOST_TYPES: usize = 20;
/// How often events that came while others were followed are looked for: an account whose objects change all the time
/// would never be done.
const ROUNDS: u32 = 10;
/// How far before the newest event that was seen the next look begins, in seconds: those of one second have no order that
/// Stripe documents, so a newer one may stand below one that was seen.
const UNORDERED: i64 = 10;

/// One page of `/v1/events`, as far as it matters here.
#[derive(Deserialize)]
struct Events<'e> {
    #[serde(borrow)]
    data: Vec<Event<'e>>,
    has_more: bool,
}

#[derive(Deserialize)]
struct Event<'e> {
    id: String,
    created: i64,
    #[serde(borrow)]
    data: EventData<'e>,
}

#[derive(Deserialize)]
struct EventData<'e> {
    #[serde(borrow)]
    object: &'e RawValue,
}

#[derive(Deserialize)]
struct Subject {
    id: Option<String>,
    object: Option<String>,
}

/// Reads again what a killed run left, and what events since the walk's watermark tell of.
///
/// # Errors
/// When Stripe or the database fail, or the watermark is older than Stripe's memory.
pub(crate) async fn read(writer: &mut Writer<'_>, walking: &mut Walking) -> Result<(), SyncError> {
    let run = writer.run;
    let Some(resource) = resource(run.model).filter(|resource| resource.retrieve.is_some()) else {
        return Ok(());
    };
    let failed = run.store().failed(run.model, &run.scope).await?.into_iter();
    let overtaken = failed.filter(|row| row.reason == OVERTAKEN);
    follow(writer, walking, overtaken.map(|row| row.id).collect()).await?;
    let parents = told_by(run.model);
    let mut types = BTreeSet::new();
    for resource in parents.iter().copied().chain([resource]) {
        types.extend(resource.events.iter().copied());
        types.extend(resource.deleted_events.iter().copied());
    }
    let (Some(watermark), false) = (walking.watermark, types.is_empty()) else {
        return Ok(());
    };
    let mut listing = Listing {
        watermark,
        since: watermark - OVERLAP,
        types,
        parents: parents.iter().map(|parent| parent.object).collect(),
        seen: HashMap::new(),
        subjects: Subjects::default(),
    };
    for _ in 0..ROUNDS {
        match listing.round(writer, walking).await {
            Ok(true) => {}
            Ok(false) => break,
            // The mirrored resource may be read, and its events may not.
            Err(SyncError::Stripe(error)) if error.is_permission() => {
                writer.report.warnings.push(format!(
                    "what changed while the lists were read is not known, because the key may not read events: {error}"
                ));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Events since a moment, newest first, and then those that came meanwhile.
struct Listing {
    watermark: i64,
    /// No older ones are asked for.
    since: i64,
    types: BTreeSet<&'static str>,
    /// The resources whose events tell of the model's objects.
    parents: Vec<&'static str>,
    /// The events that the next look will show again, and when they were.
    seen: HashMap<String, i64>,
    subjects: Subjects,
}

/// What events named, until it is read again.
#[derive(Default)]
struct Subjects {
    /// The model's objects.
    objects: HashSet<String>,
    /// Their parents, each with its resource.
    parents: HashSet<(&'static str, String)>,
}

impl Listing {
    /// Lists once and follows what it says; answers whether there was anything new.
    async fn round(
        &mut self,
        writer: &mut Writer<'_>,
        walking: &mut Walking,
    ) -> Result<bool, SyncError> {
        let run = writer.run;
        let mut any = false;
        let mut cursor = None;
        let mut newest = self.since;
        loop {
            walking.renew().await?;
            let request = self.request(cursor.as_deref());
            let response = run.reader().get(request).await?;
            if let Some(now) = response.date
                && now - self.watermark > REMEMBERED
            {
                return Err(SyncError::EventsExpired {
                    model: run.model.name(),
                    days: (now - self.watermark) / 86_400,
                });
            }
            let page: Events<'_> = serde_json::from_slice(&response.body)
                .map_err(|error| SyncError::page(EVENTS, &error, &response))?;
            for event in &page.data {
                newest = newest.max(event.created);
                if self.seen.contains_key(&event.id) {
                    continue;
                }
                if event.created >= newest - UNORDERED {
                    self.seen.insert(event.id.clone(), event.created);
                }
                any = true;
                let subject: Result<Subject, _> = serde_json::from_str(event.data.object.get());
                if let Ok(Subject {
                    id: Some(id),
                    object: Some(object),
                }) = subject
                {
                    self.take(run.model, &object, id);
                }
            }
            cursor = page.data.last().map(|event| event.id.clone());
            let more = page.has_more && !page.data.is_empty();
            if self.subjects.objects.len() + self.subjects.parents.len() >= TOGETHER || !more {
                let subjects = std::mem::take(&mut self.subjects);
                follow(writer, walking, subjects.objects).await?;
                follow_parents(writer, walking, subjects.parents).await?;
            }
            if !more {
                self.since = self.since.max(newest - UNORDERED);
                let since = self.since;
                self.seen.retain(|_, created| *created >= since);
                return Ok(any);
            }
        }
    }

    /// Takes in what an event is about.
    fn take(&mut self, model: &Model, object: &str, id: String) {
        if object == model.object() {
            self.subjects.objects.insert(id);
        } else if let Some(parent) = self.parents.iter().find(|parent| **parent == object) {
            self.subjects.parents.insert((parent, id));
        }
    }

    fn request(&self, cursor: Option<&str>) -> Request {
        let mut request = Request::get(EVENTS).query("limit", "100");
        request = request.query("created[gte]", self.since.to_string());
        if self.types.len() <= MOST_TYPES {
            for kind in &self.types {
                request = request.query("types[]", *kind);
            }
        }
        match cursor {
            Some(cursor) => request.query("starting_after", cursor),
            None => request,
        }
    }
}

const EVENTS: &str = "/v1/events";

/// Reads objects again.
async fn follow(
    writer: &mut Writer<'_>,
    walking: &mut Walking,
    subjects: HashSet<String>,
) -> Result<(), SyncError> {
    let ids: Vec<String> = subjects.into_iter().collect();
    for ids in ids.chunks(by_ids::BATCH) {
        walking.renew().await?;
        writer.read_ids(ids).await?;
        writer.report.replayed += ids.len() as u64;
    }
    Ok(())
}

/// Reads the children of parents again, those that Stripe lists and those that the table has.
async fn follow_parents(
    writer: &mut Writer<'_>,
    walking: &mut Walking,
    parents: HashSet<(&'static str, String)>,
) -> Result<(), SyncError> {
    let (run, parents) = (writer.run, Vec::from_iter(parents));
    for parents in parents.chunks(by_ids::READS_AT_ONCE) {
        walking.renew().await?;
        // A closure over borrowed parents would make the whole run's future not `Send`, as in `by_ids`.
        let mut lists = Vec::with_capacity(parents.len());
        for (parent, id) in parents {
            lists.push(children_of(run, parent, id));
        }
        let children = future::try_join_all(lists).await?;
        follow(writer, walking, children.into_iter().flatten().collect()).await?;
    }
    Ok(())
}
