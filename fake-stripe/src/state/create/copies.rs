//! Copies of an object with other numbers of elements: many objects of the past in little time. What they have in common is
//! rendered once.

mod pattern;

use serde_json::Value;
use stripe_sync_schema::catalogue::Embedded;

use crate::data::collection::Record;
use crate::data::index::{ResourceIndex, resource_index};
use crate::data::inline_lists;
use crate::data::partition::{Scope, parse};
use crate::error::FakeError;
use crate::generate::new_id;
use crate::state::State;
use pattern::{Marks, Pattern, Words};

/// What copies are made of.
struct Original {
    record: Record,
    embedded: &'static Embedded,
    /// When it was created.
    since: i64,
    parent: Pattern,
    element: Pattern,
}

impl State {
    /// See [`FakeAccount::copies`](crate::FakeAccount::copies).
    pub(crate) fn copies(
        &mut self,
        scope: &Scope,
        id: &str,
        member: &str,
        lengths: &[usize],
    ) -> Result<Vec<String>, FakeError> {
        let original = self.original(scope, id, member)?;
        let span = self.now.saturating_sub(original.since);
        // None is of now: nothing has just happened.
        let parts = lengths.len().saturating_add(1);
        let parts = i64::try_from(parts).unwrap_or(i64::MAX);
        let mut ids = Vec::with_capacity(lengths.len());
        for (nth, length) in (1_i64..).zip(lengths) {
            let created = original.since + span.saturating_mul(nth) / parts;
            ids.push(self.copy(scope, &original, created, *length)?);
        }
        Ok(ids)
    }

    fn original(&mut self, scope: &Scope, id: &str, member: &str) -> Result<Original, FakeError> {
        let (object, record) = self.find(scope, id)?;
        let no_list = || FakeError::NoSuchList {
            object: object.to_owned(),
            id: id.to_owned(),
            member: member.to_owned(),
        };
        let index = resource_index(object).ok_or_else(no_list)?;
        let mut lists = index.resource.embedded.iter();
        let list = lists.find(|list| list.field == member);
        let embedded = list.ok_or_else(no_list)?;
        let record = record.clone();
        let rows = inline_lists::children(self.partition(scope)?, object, id, &embedded.items);
        let (_, kind, element) = rows.first().ok_or_else(no_list)?;
        let element_index = resource_index(kind).ok_or_else(no_list)?;
        let (parent, mut element) = (parse(&record), parse(element));
        let time = index.resource.created;
        let since = time.and_then(|time| parent.get(time)?.as_i64());
        let mut mark = || new_id(object, scope.mode, &mut self.rng);
        let marks = Marks {
            id: mark(),
            parent: mark(),
            created: mark(),
            list: mark(),
        };
        let list = embedded.inline.then_some((member, &*marks.list));
        let parent = marked(index, parent, &marks, list);
        let link = element_index.parent_member(object);
        let link = link.map(|member| (member, &*marks.parent));
        element = marked(element_index, element, &marks, link);
        Ok(Original {
            record,
            embedded,
            since: since.unwrap_or(self.now),
            parent: Pattern::of(index, &parent, &marks),
            element: Pattern::of(element_index, &element, &marks),
        })
    }

    fn copy(
        &mut self,
        scope: &Scope,
        original: &Original,
        created: i64,
        length: usize,
    ) -> Result<String, FakeError> {
        let Original {
            record,
            embedded,
            parent,
            element,
            ..
        } = original;
        let (kind, element_kind) = (parent.index.object, element.index.object);
        let id = new_id(kind, scope.mode, &mut self.rng);
        for _ in 0..length {
            let row = new_id(element_kind, scope.mode, &mut self.rng);
            let words = Words {
                id: &row,
                parent: &id,
                created,
                list: "",
            };
            let row = element.fill(words, Some(&id), true);
            let partition = self.partition_mut(scope)?;
            partition.collection_mut(element_kind)?.insert(created, row);
        }
        let list = match embedded.inline {
            true => {
                let wrong_by = self.quirks.wrong_total_count;
                let resource = parent.index.resource;
                let partition = self.partition(scope)?;
                inline_lists::first_page_text(partition, resource, &id, embedded, wrong_by)
            }
            false => String::new(),
        };
        let words = Words {
            id: &id,
            parent: "",
            created,
            list: &list,
        };
        let copy = parent.fill(words, record.parent.as_deref(), record.listed);
        let partition = self.partition_mut(scope)?;
        partition.collection_mut(kind)?.insert(created, copy);
        Ok(id)
    }
}

/// An object with marks in the place of its id and time, and of another member.
fn marked(
    index: &'static ResourceIndex,
    mut object: Value,
    marks: &Marks,
    other: Option<(&str, &str)>,
) -> Value {
    let time = index.resource.created.map(|time| (time, &*marks.created));
    let members = [Some(("id", &*marks.id)), time, other];
    for (member, mark) in members.into_iter().flatten() {
        if let Some(value) = object.get_mut(member) {
            *value = mark.into();
        }
    }
    object
}
