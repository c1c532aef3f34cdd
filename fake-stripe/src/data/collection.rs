//! A shelf: all objects of one name of one account and mode, ready to be served in list order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::facets::Spec;

/// The place of an object in its list: lists show the greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Position {
    pub(super) created: i64,
    /// Orders the objects of one second: stable and meaningless, as Stripe documents none.
    tie: u64,
}

impl Position {
    /// The first possible position of a second.
    pub(super) fn start_of(second: i64) -> Self {
        Self {
            created: second,
            tie: 0,
        }
    }

    /// The position right after this one.
    pub(super) fn next(self) -> Self {
        match self.tie.checked_add(1) {
            Some(tie) => Self { tie, ..self },
            None => Self::start_of(self.created.saturating_add(1)),
        }
    }
}

/// An object as it is stored: JSON bytes, and what lists ask about it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: Arc<str>,
    pub(super) body: Box<[u8]>,
    pub(super) facets: Box<[(u8, Box<str>)]>,
    /// The id of the parent whose nested list shows it, where no member of the object says so.
    pub(super) parent: Option<Arc<str>>,
    /// `false`: no list shows it (an inline price).
    pub(super) listed: bool,
    /// From when on the fake shows it: later than its creation for late events.
    pub(super) visible_at: i64,
}

impl Record {
    /// The values of a facet, or the parent for [`PARENT`].
    pub(super) fn facet(&self, number: u8) -> impl Iterator<Item = &str> {
        let facets = self
            .facets
            .iter()
            .filter(move |(facet, _)| *facet == number);
        let parent = self.parent.as_deref().filter(|_| number == PARENT);
        facets.map(|(_, text)| &**text).chain(parent)
    }
}

/// The facet number of [`Record::parent`].
pub(super) const PARENT: u8 = u8::MAX;

/// Objects whose ids the caller may choose (docs.stripe.com/api, the parameter `id` of `create`), so that one comes again
/// after its deletion. Stripe makes up all other ids, and none twice.
const CHOSEN_IDS: [&str; 3] = ["coupon", "plan", "product"];

/// See the module.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) spec: &'static Spec,
    seed: u64,
    order: BTreeMap<Position, Record>,
    by_id: HashMap<Arc<str>, Position>,
    links: HashMap<u8, HashMap<Box<str>, BTreeSet<Position>>>,
    gone: HashSet<Arc<str>>,
    /// Every id ever stored, for drawing one at random.
    ids: Vec<Arc<str>>,
}

impl Shelf {
    pub(super) fn new(spec: &'static Spec, seed: u64) -> Self {
        Self {
            spec,
            seed,
            order: BTreeMap::new(),
            by_id: HashMap::new(),
            links: HashMap::new(),
            gone: HashSet::new(),
            ids: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Record> {
        self.order.get(self.by_id.get(id)?)
    }

    pub(super) fn position(&self, id: &str) -> Option<Position> {
        self.by_id.get(id).copied()
    }

    pub(super) fn at(&self, position: Position) -> Option<&Record> {
        self.order.get(&position)
    }

    /// Whether no new object can have the id.
    pub(super) fn has_taken(&self, id: &str) -> bool {
        let comes_again = CHOSEN_IDS.contains(&self.spec.object);
        self.by_id.contains_key(id) || (!comes_again && self.gone.contains(id))
    }

    /// Whether an object with this id was deleted.
    pub(super) fn is_gone(&self, id: &str) -> bool {
        self.gone.contains(id)
    }

    /// Stores a new object that was created at this second.
    pub(super) fn insert(&mut self, created: i64, record: Record) {
        let mut position = Position {
            created,
            tie: xxh3_64_with_seed(record.id.as_bytes(), self.seed),
        };
        while self.order.contains_key(&position) {
            position = Position {
                tie: position.tie.wrapping_add(1),
                ..position
            };
        }
        self.link(position, &record);
        self.gone.remove(&record.id);
        self.by_id.insert(Arc::clone(&record.id), position);
        self.ids.push(Arc::clone(&record.id));
        self.order.insert(position, record);
    }

    /// Replaces an object; it keeps its place.
    pub(super) fn replace(&mut self, record: Record) {
        let Some(position) = self.position(&record.id) else {
            return;
        };
        if let Some(old) = self.order.remove(&position) {
            self.unlink(position, &old);
        }
        self.link(position, &record);
        self.order.insert(position, record);
    }

    /// Takes an object away; `tombstone` remembers that it was deleted.
    pub(super) fn remove(&mut self, id: &str, tombstone: bool) -> Option<Record> {
        let position = self.by_id.remove(id)?;
        let record = self.order.remove(&position)?;
        self.unlink(position, &record);
        if tombstone {
            self.gone.insert(Arc::clone(&record.id));
        }
        Some(record)
    }

    /// The objects between two positions (the second excluded), oldest first.
    pub(super) fn between(
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
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.order.values()
    }

    /// The positions of the objects that an indexed facet (or [`PARENT`]) names; `None` if the facet has no index.
    pub(super) fn linked(&self, facet: u8, value: &str) -> Option<&BTreeSet<Position>> {
        static NONE: BTreeSet<Position> = BTreeSet::new();
        let of_spec = self.spec.facets.get(usize::from(facet));
        let indexed = facet == PARENT || of_spec.is_some_and(|facet| facet.indexed);
        let positions = || self.links.get(&facet)?.get(value);
        indexed.then(|| positions().unwrap_or(&NONE))
    }

    /// An alive id at random, if one is found soon.
    pub(super) fn sample(&self, rng: &mut fastrand::Rng) -> Option<&Arc<str>> {
        /// Deleted ids are still in the hat; a few draws almost always find an alive one.
        const DRAWS: usize = 8;
        (0..DRAWS).find_map(|_| {
            rng.choice(&self.ids)
                .filter(|id| self.by_id.contains_key(&***id))
        })
    }

    fn link(&mut self, position: Position, record: &Record) {
        for (facet, value) in links_of(self.spec, record) {
            self.links
                .entry(facet)
                .or_default()
                .entry(value.into())
                .or_default()
                .insert(position);
        }
    }

    fn unlink(&mut self, position: Position, record: &Record) {
        for (facet, value) in links_of(self.spec, record) {
            if let Some(values) = self.links.get_mut(&facet)
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

fn links_of<'a>(spec: &'static Spec, record: &'a Record) -> impl Iterator<Item = (u8, &'a str)> {
    let facets = record
        .facets
        .iter()
        .map(|(facet, value)| (*facet, &**value));
    let indexed = facets.filter(|(facet, _)| {
        spec.facets
            .get(usize::from(*facet))
            .is_some_and(|facet| facet.indexed)
    });
    indexed.chain(record.parent.as_deref().map(|parent| (PARENT, parent)))
}
