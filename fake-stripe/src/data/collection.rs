//! Collections: all objects of one name of one account and mode, ready to be served in list order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::data::index::{PARENT, ResourceIndex};

/// The place of an object in its list: lists show the greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position {
    pub(crate) created: i64,
    /// Orders the objects of one second: stable and meaningless, as Stripe documents none.
    order: u64,
}

impl Position {
    /// The first possible position of a second.
    pub(crate) fn start_of(second: i64) -> Self {
        Self {
            created: second,
            order: 0,
        }
    }

    /// The position right after this one.
    pub(crate) fn next(self) -> Self {
        match self.order.checked_add(1) {
            Some(order) => Self { order, ..self },
            None => Self::start_of(self.created.saturating_add(1)),
        }
    }
}

/// An object as it is stored: JSON bytes, and what lists ask about it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: Arc<str>,
    /// Shared with the state that a reset goes back to.
    pub(crate) body: Arc<[u8]>,
    /// What of it is sent only on request; see [`on_request`](crate::data::on_request).
    pub(crate) hidden: Option<Box<Map<String, Value>>>,
    /// Its values of the index keys, by their numbers.
    pub(crate) values: Box<[(u8, Box<str>)]>,
    /// The id of the parent whose nested list shows it, where no member of the object says so.
    pub(crate) parent: Option<Arc<str>>,
    /// `false`: no list shows it (an inline price).
    pub(crate) listed: bool,
    /// From when on the fake shows it: later than its creation for late events.
    pub(crate) visible_at: i64,
}

impl Record {
    /// The values of an index key, or the parent for [`PARENT`].
    pub(crate) fn values(&self, key: u8) -> impl Iterator<Item = &str> {
        let values = self.values.iter().filter(move |(of, _)| *of == key);
        let parent = self.parent.as_deref().filter(|_| key == PARENT);
        values.map(|(_, text)| &**text).chain(parent)
    }
}

/// Objects whose ids the caller may choose (docs.stripe.com/api, the parameter `id` of `create`), so that one comes again
/// after its deletion. Stripe makes up all other ids, and none twice.
const CHOSEN_IDS: [&str; 3] = ["coupon", "plan", "product"];

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    pub(crate) index: &'static ResourceIndex,
    seed: u64,
    order: BTreeMap<Position, Record>,
    by_id: HashMap<Arc<str>, Position>,
    /// By index key and value, where the key is indexed.
    by_value: HashMap<u8, HashMap<Box<str>, BTreeSet<Position>>>,
    gone: HashSet<Arc<str>>,
    /// Every id ever stored, for drawing one at random.
    ids: Vec<Arc<str>>,
}

impl Collection {
    pub(crate) fn new(index: &'static ResourceIndex, seed: u64) -> Self {
        Self {
            index,
            seed,
            order: BTreeMap::new(),
            by_id: HashMap::new(),
            by_value: HashMap::new(),
            gone: HashSet::new(),
            ids: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Record> {
        self.order.get(self.by_id.get(id)?)
    }

    pub(crate) fn position(&self, id: &str) -> Option<Position> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn at(&self, position: Position) -> Option<&Record> {
        self.order.get(&position)
    }

    /// Whether no new object can have the id.
    pub(crate) fn has_taken(&self, id: &str) -> bool {
        let comes_again = CHOSEN_IDS.contains(&self.index.object);
        self.by_id.contains_key(id) || (!comes_again && self.gone.contains(id))
    }

    /// Whether an object with this id was deleted.
    pub(crate) fn is_gone(&self, id: &str) -> bool {
        self.gone.contains(id)
    }

    /// Stores a new object that was created at this second.
    pub(crate) fn insert(&mut self, created: i64, record: Record) {
        let mut position = Position {
            created,
            order: xxh3_64_with_seed(record.id.as_bytes(), self.seed),
        };
        while self.order.contains_key(&position) {
            position = Position {
                order: position.order.wrapping_add(1),
                ..position
            };
        }
        self.enter(position, &record);
        self.gone.remove(&record.id);
        self.by_id.insert(Arc::clone(&record.id), position);
        self.ids.push(Arc::clone(&record.id));
        self.order.insert(position, record);
    }

    /// Replaces an object; it keeps its place.
    pub(crate) fn replace(&mut self, record: Record) {
        let Some(position) = self.position(&record.id) else {
            return;
        };
        if let Some(old) = self.order.remove(&position) {
            self.leave(position, &old);
        }
        self.enter(position, &record);
        self.order.insert(position, record);
    }

    /// Takes an object away; `tombstone` remembers that it was deleted.
    pub(crate) fn remove(&mut self, id: &str, tombstone: bool) -> Option<Record> {
        let position = self.by_id.remove(id)?;
        let record = self.order.remove(&position)?;
        self.leave(position, &record);
        if tombstone {
            self.gone.insert(Arc::clone(&record.id));
        }
        Some(record)
    }

    /// The objects between two positions (the second excluded), oldest first.
    pub(crate) fn between(
        &self,
        from: Position,
        to: Position,
    ) -> impl DoubleEndedIterator<Item = (Position, &Record)> {
        let range = (from < to).then(|| self.order.range(from..to));
        range
            .into_iter()
            .flatten()
            .map(|(position, record)| (*position, record))
    }

    /// All objects, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.order.values()
    }

    /// The positions of the objects with this value of an index key (or of [`PARENT`]); `None` if the key is not indexed.
    pub(crate) fn positions(&self, key: u8, value: &str) -> Option<&BTreeSet<Position>> {
        static NONE: BTreeSet<Position> = BTreeSet::new();
        let positions = || self.by_value.get(&key)?.get(value);
        self.index
            .is_indexed(key)
            .then(|| positions().unwrap_or(&NONE))
    }

    /// An alive id at random, if one is found soon.
    pub(crate) fn sample(&self, rng: &mut fastrand::Rng) -> Option<&Arc<str>> {
        /// Deleted ids are still in the hat; a few draws almost always find an alive one.
        const DRAWS: usize = 8;
        (0..DRAWS).find_map(|_| {
            rng.choice(&self.ids)
                .filter(|id| self.by_id.contains_key(&***id))
        })
    }

    fn enter(&mut self, position: Position, record: &Record) {
        for (key, value) in indexed_values(self.index, record) {
            self.by_value
                .entry(key)
                .or_default()
                .entry(value.into())
                .or_default()
                .insert(position);
        }
    }

    fn leave(&mut self, position: Position, record: &Record) {
        for (key, value) in indexed_values(self.index, record) {
            if let Some(values) = self.by_value.get_mut(&key)
                && let Some(positions) = values.get_mut(value)
            {
                positions.remove(&position);
                if positions.is_empty() {
                    values.remove(value);
                }
            }
        }
    }
}

fn indexed_values<'a>(
    index: &'static ResourceIndex,
    record: &'a Record,
) -> impl Iterator<Item = (u8, &'a str)> {
    let values = record.values.iter().map(|(key, value)| (*key, &**value));
    values
        .filter(|(key, _)| index.is_indexed(*key))
        .chain(record.parent.as_deref().map(|parent| (PARENT, parent)))
}
