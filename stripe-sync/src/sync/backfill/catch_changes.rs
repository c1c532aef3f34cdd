//! What changed while the lists were read: Stripe's events say, and the objects are read again. Of children without events
//! of their own those of the parent say it, so all children of a parent that changed are read again.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use futures_util::future;
use serde::Deserialize;
use serde_json::value::RawValue;
use stripe_sync_schema::catalogue::Resource;

use crate::model::Model;
use crate::store::backfill::followed_events::Followed;
use crate::store::rows::remarks::failed::OVERTAKEN;

use crate::sync::backfill::RunGuard;
use crate::sync::backfill::since::look_back;
use crate::sync::error::SyncError;
use crate::sync::list::events::events;
use crate::sync::list::newest_event::check_remembered;
use crate::sync::list::plan::resource;
use crate::sync::list::{EVENTS, OVERLAP, Pager};
use crate::sync::object::children::{CoveringParent, children_of, covered_by};
use crate::sync::object::ids::READS_AT_ONCE;
use crate::sync::object::lone_sets::Belief;
use crate::sync::object::parents::named;
use crate::sync::object::read::is_readable;
use crate::sync::object::{ObjectWriter, Parent};

/// The same as [`OVERLAP`] before the first page of a run through whole lists, in seconds. Its pages were read later, so they show what
/// changed before, however late its event becomes visible. What remains is how far Stripe's answer may be behind the clock
/// that it names: the clock has whole seconds, and the answer was computed before it was dated.
pub(crate) const BEHIND: i64 = 5;
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
    #[serde(rename = "type", borrow)]
    kind: Cow<'e, str>,
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

/// Reads again what a killed run left, and what events since the run's watermark tell of. A run over what is newer tries
/// again what failed before, too: no list shows it. `newer` is the moment that its lists began at, and `retries` the most
/// rows that failed before that are tried again.
///
/// Returns what was followed, for the next run to leave alone.
///
/// # Errors
/// When Stripe or the database fail, or the watermark is older than Stripe's memory.
pub(crate) async fn read(
    writer: &mut ObjectWriter<'_>,
    guard: &RunGuard,
    newer: Option<i64>,
    retries: u64,
) -> Result<Option<Followed>, SyncError> {
    let run = writer.run;
    let parents = covered_by(run.model);
    let is_followed = is_readable(run.model) || parents.iter().any(|parent| parent.is_set);
    let Some(resource) = resource(run.model).filter(|_| is_followed) else {
        return Ok(None);
    };
    // What is not read by its id is read with its parent.
    if is_readable(run.model) {
        let again = left(writer, newer.map(|_| retries)).await?;
        writer.reread_all(again).await?;
        writer.reread_waiting().await?;
    }
    let mut types = BTreeSet::new();
    types.extend(resource.events.iter().chain(&resource.deleted_events));
    types.extend(resource.mentions.iter());
    let children = children_with_events(run.model);
    for (child, _) in &children {
        types.extend(child.events.iter().chain(&child.deleted_events));
    }
    for parent in &parents {
        types.extend(parent.events.iter().chain(parent.deleted_events));
    }
    if types.is_empty() {
        return Ok(None);
    }
    let (since, before) = match (newer, guard.watermark) {
        (Some(newer), _) => (newer - OVERLAP, run.store().followed(guard.lease()).await?),
        (None, Some(watermark)) => look_back(run, guard, watermark).await?,
        (None, None) => return Ok(None),
    };
    let shown_until = guard.watermark.filter(|_| newer.is_none());
    let followed = Followed::by(guard.lease(), shown_until.map(|moment| moment - BEHIND));
    let mut listing = Listing {
        resource,
        begin: newer.or(guard.watermark).unwrap_or(since),
        is_old: newer.is_some() || guard.resumed,
        since,
        types,
        children,
        covering_parents: parents,
        kept_from: guard.watermark.unwrap_or(since) - OVERLAP,
        before,
        followed,
        seen: HashMap::new(),
        objects: HashSet::new(),
        parents: HashSet::new(),
    };
    for _ in 0..ROUNDS {
        match listing.round(writer, guard).await {
            Ok(true) => {}
            Ok(false) => break,
            // The mirrored resource may be read, and its events may not.
            Err(SyncError::Stripe(error)) if error.is_permission() => {
                writer.warn(format!(
                    "what changed while the lists were read is not known, because the key may not read events: {error}"
                ));
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Some(listing.followed))
}

/// The objects that a killed run left, and, at most as many as there are retries, those that failed before.
async fn left(
    writer: &mut ObjectWriter<'_>,
    retries: Option<u64>,
) -> Result<HashSet<String>, SyncError> {
    let run = writer.run;
    let failed = run.store().failed(run.model, &run.scope).await?;
    let (overtaken, mut failed): (Vec<_>, Vec<_>) =
        failed.into_iter().partition(|row| row.reason == OVERTAKEN);
    let mut left: HashSet<String> = overtaken.into_iter().map(|row| row.id).collect();
    if let Some(retries) = retries {
        failed.retain(|row| !row.id.is_empty() && !writer.has_failed(&row.id));
        // Those that wait longest first, so that each has its turn.
        failed.sort_by_key(|row| row.failed_at);
        let most = usize::try_from(retries).unwrap_or(usize::MAX);
        let waiting = failed.len().saturating_sub(most);
        if waiting > 0 {
            writer.warn(format!(
                "{waiting} objects that failed before were not tried again, because the run's reads for that were used up"
            ));
        }
        left.extend(failed.into_iter().take(most).map(|row| row.id));
    }
    Ok(left)
}

/// Events since a moment, newest first, and then those that came meanwhile.
struct Listing {
    /// The model's resource.
    resource: &'static Resource,
    /// What was before is in the table, as far as events are concerned.
    begin: i64,
    /// Whether that may be long ago: nothing is forgotten since a run that has just begun.
    is_old: bool,
    /// No older ones are asked for.
    since: i64,
    types: BTreeSet<&'static str>,
    /// Children with events of their own, and the member that names the model's object.
    children: Vec<(&'static Resource, &'static str)>,
    /// Whose events tell of the model's objects.
    covering_parents: Vec<CoveringParent>,
    /// The next run will be shown those from here on again.
    kept_from: i64,
    /// What the run before followed, where its events are shown again.
    before: Option<Followed>,
    followed: Followed,
    /// The events that the next look will show again, and when they were.
    seen: HashMap<String, i64>,
    /// The model's objects that events named, until they are read again.
    objects: HashSet<String>,
    /// The same of their parents.
    parents: HashSet<(CoveringParent, String)>,
}

impl Listing {
    /// Lists once and follows what it says. Returns whether there was anything new.
    async fn round(
        &mut self,
        writer: &mut ObjectWriter<'_>,
        guard: &RunGuard,
    ) -> Result<bool, SyncError> {
        let run = writer.run;
        let mut any = false;
        let mut newest = self.since;
        let mut list = self.list();
        loop {
            let response = run.waited(list.fetch(&run.reader)).await?;
            if self.is_old {
                check_remembered(&run.reader, run.model, self.begin, response.date).await?;
            }
            let page: Events<'_> = serde_json::from_slice(&response.body)
                .map_err(|error| SyncError::page(EVENTS, &error, &response))?;
            let mut shown = Vec::new();
            for event in &page.data {
                newest = newest.max(event.created);
                if self.seen.contains_key(&event.id) {
                    continue;
                }
                if event.created >= newest - UNORDERED {
                    self.seen.insert(event.id.clone(), event.created);
                }
                if event.created >= self.kept_from {
                    self.followed.add(&event.id);
                }
                let before = self.before.as_ref();
                if before.is_some_and(|before| before.has(&event.id)) {
                    continue;
                }
                match self.about(event) {
                    Some((None, id)) => {
                        // A list that was read since shows it, unless it is gone, or in no list.
                        let shown_until = before.and_then(|before| before.shown_until);
                        if shown_until.is_some_and(|until| event.created < until)
                            && !self.resource.deleted_events.contains(&&*event.kind)
                        {
                            shown.push(id);
                            continue;
                        }
                        if let Some(parent) = self.parent_in(event) {
                            run.parents.know(&id, parent);
                        }
                        self.objects.insert(id);
                    }
                    Some((Some(covering_parent), id)) => {
                        self.parents.insert((covering_parent, id));
                    }
                    None => {}
                }
                any = true;
            }
            if !shown.is_empty() {
                let lease = guard.lease();
                let rows = run.store().listed_rows(run.model, lease, &shown).await?;
                shown.retain(|id| !rows.contains(id));
                any |= !shown.is_empty();
                self.objects.extend(shown);
            }
            let ids = page.data.iter().map(|event| event.id.clone()).collect();
            let last = page.data.last().map(|event| event.created);
            let ended = list.turn(ids, last, page.has_more)?;
            if self.objects.len() + self.parents.len() >= TOGETHER || ended {
                writer.reread_all(std::mem::take(&mut self.objects)).await?;
                follow_parents(writer, std::mem::take(&mut self.parents)).await?;
            }
            if ended {
                self.since = self.since.max(newest - UNORDERED);
                let since = self.since;
                self.seen.retain(|_, created| *created >= since);
                return Ok(any);
            }
        }
    }

    /// The parent that an event's object names, where the object is read below it.
    fn parent_in(&self, event: &Event<'_>) -> Option<Parent> {
        if self.resource.under.is_empty() {
            return None;
        }
        Parent::named_by(
            self.resource,
            &serde_json::from_str(event.data.object.get()).ok()?,
        )
    }

    /// The id of what an event is about: of an object of the model, or of a parent whose events tell of these.
    fn about(&self, event: &Event<'_>) -> Option<(Option<CoveringParent>, String)> {
        let json = event.data.object.get();
        let Subject { id, object } = serde_json::from_str(json).ok()?;
        let (object, own) = (object?, self.resource.object);
        let (covering_parent, member) = if self.resource.mentions.contains(&&*event.kind) {
            (None, Some(own))
        } else if object == own {
            (None, None)
        } else if let Some((_, member)) = self
            .children
            .iter()
            .find(|(child, _)| child.object == object)
        {
            (None, Some(*member))
        } else {
            let mut covering_parents = self.covering_parents.iter().copied();
            let found = covering_parents.find(|parent| parent.object == object)?;
            (Some(found), found.member)
        };
        let id = match member {
            Some(member) => named(&serde_json::from_str(json).ok()?, member),
            None => id,
        };
        Some((covering_parent, id?))
    }

    /// The list of what may have come since the last look.
    fn list(&self) -> Pager {
        let mut query = vec![("created[gte]".to_owned(), self.since.to_string())];
        if self.types.len() <= MOST_TYPES {
            let types = self.types.iter();
            query.extend(types.map(|kind| ("types[]".to_owned(), (*kind).to_owned())));
        }
        events(query)
    }
}

/// The children of a model of which events of their own tell, and the member of each that names the parent.
fn children_with_events(model: &'static Model) -> Vec<(&'static Resource, &'static str)> {
    let children = model.children().filter_map(|(_, child)| {
        let named = child.parts.declared.parent?;
        let member = child.columns().get(named.column)?.path;
        let resource = resource(child)?;
        let has_events = !resource.events.is_empty() || !resource.deleted_events.is_empty();
        (has_events && !member.is_empty()).then_some((resource, member))
    });
    children.collect()
}

/// Reads the children of parents again, those that Stripe lists and those that the table has.
async fn follow_parents(
    writer: &mut ObjectWriter<'_>,
    parents: HashSet<(CoveringParent, String)>,
) -> Result<(), SyncError> {
    let run = writer.run;
    let (sets, parents): (Vec<_>, Vec<_>) =
        parents.into_iter().partition(|(parent, _)| parent.is_set);
    for (parent, id) in sets {
        writer.write_set(parent.parent, &id, Belief::AtOnce).await?;
    }
    for parents in parents.chunks(READS_AT_ONCE) {
        // A closure over borrowed parents would make the whole run's future not `Send`, as in `by_ids`.
        let mut lists = Vec::with_capacity(parents.len());
        for (covering_parent, id) in parents {
            lists.push(children_of(run, *covering_parent, id));
        }
        let (mut ids, mut left) = (HashSet::new(), Vec::new());
        for children in future::try_join_all(lists).await? {
            ids.extend(children.ids);
            left.extend(children.left);
        }
        writer.reread_all(ids).await?;
        let (store, model) = (run.store(), run.model);
        store.forget_children(model, &run.scope, &left).await?;
    }
    Ok(())
}
