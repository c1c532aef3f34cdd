//! Plausible objects from the schema, by seed.

mod forms;
mod ids;
mod odd;
mod places;
mod plain_ids;
pub(crate) mod plan;
pub(crate) mod vocabulary;
pub(crate) mod words;

use serde_json::{Map, Number, Value, json};

pub(crate) use self::ids::{characters, new_id, spare_id};
pub(crate) use self::plan::Plans;

pub(crate) use self::places::address;
pub(crate) use self::words::amount;

use self::plan::{Member, Members, Node};
use crate::chaos::nasty::{NastyKind, Oddities};
use crate::clock;
use crate::data::index::ResourceIndex;
use crate::data::partition::{Partition, parse};

/// Share of nullable members that are null, of an object whose members are drawn at random.
const NULL_SHARE: f64 = 0.25;
/// Share of optional members that are absent, of an object whose members are drawn at random.
const ABSENT_SHARE: f64 = 0.1;
/// The same shares of a plain object, in which most of what may be left out is left out, as in a real account: objects
/// and lists of them, times, and the rest.
const PLAIN_NULL_SHARES: [f64; 3] = [0.9, 0.8, 0.5];
const PLAIN_ABSENT_SHARES: [f64; 2] = [0.95, 0.2];
/// From this depth of embedded resources on, what may be left out is left out.
const SHALLOW: usize = 2;
/// No object nests deeper than this; the schema has cycles.
const DEEPEST: usize = 12;
/// The type that most things which are paid with are of.
const USUAL: &str = "card";
const DAY: i64 = 86_400;

/// Gives a made-up object its parents, where the schema does not know that a text is an id. What the test gave stays.
pub(crate) fn parent_members(
    index: &ResourceIndex,
    members: &mut Map<String, Value>,
    given: &Map<String, Value>,
    maker: &mut Maker<'_>,
) {
    let links = index.parent_links.iter();
    for link in links.filter(|link| link.text && link.walked) {
        if let Some(field) = link.field
            && !given.contains_key(field)
        {
            members.insert(field.to_owned(), maker.reference(&[link.parent]));
        }
    }
}

/// Makes up values for the objects of a partition.
pub(crate) struct Maker<'a> {
    pub(crate) rng: &'a mut fastrand::Rng,
    pub(crate) plans: &'a Plans,
    pub(crate) partition: &'a Partition,
    /// The creation time of the object, Unix seconds.
    pub(crate) created: i64,
    pub(crate) odd: Oddities,
    /// The name of the object.
    pub(crate) object: &'static str,
}

impl Maker<'_> {
    /// An object of this name without `id`, which only the caller knows.
    pub(crate) fn object(&mut self, object: &'static str) -> Map<String, Value> {
        let plan = self.plans.of(object);
        self.members(&plan.members, 0)
    }

    fn members(&mut self, members: &Members, depth: usize) -> Map<String, Value> {
        let mut map = Map::new();
        let variant = match members.discriminant.and_then(|at| members.list.get(at)) {
            Some(Member {
                name,
                node: Node::OneOf(values),
                ..
            }) => {
                let value = match values.iter().find(|value| **value == USUAL) {
                    Some(usual) if !self.odd.is_incoherent() => *usual,
                    _ => self.choose(values),
                };
                map.insert((*name).to_owned(), value.into());
                value
            }
            _ => "",
        };
        for member in &members.list {
            if map.contains_key(member.name) {
                continue;
            }
            if member.of_variant && member.name != variant {
                // Of the members that belong to one type each, only the one of this object's type is filled.
                if !member.optional {
                    map.insert(member.name.to_owned(), Value::Null);
                }
                continue;
            }
            if let Some(value) = self.member(member, depth) {
                map.insert(member.name.to_owned(), value);
            }
        }
        let is_plain = !self.odd.is_incoherent() && !self.odd.has(NastyKind::Texts);
        if is_plain && map.contains_key("city") && map.contains_key("country") {
            places::agree(&mut map, self.rng);
        }
        map
    }

    fn member(&mut self, member: &Member, depth: usize) -> Option<Value> {
        let deep = depth >= SHALLOW && member.node.is_large() || depth >= DEEPEST;
        let (absent, null) = self.shares(member);
        if member.optional
            && (member.includable || deep || !member.of_variant && self.is_absent(member, absent))
        {
            return self.is_always_there(member).then(|| json!({}));
        }
        if member.nullable
            && (deep || member.name == "test_clock" || !member.of_variant && self.rng.f64() < null)
        {
            return Some(match self.is_always_there(member) {
                true => json!({}),
                false => Value::Null,
            });
        }
        Some(self.value(&member.node, member.name, depth + 1))
    }

    /// Stripe's first API sends metadata that nobody has set as an empty object, also where its schema knows null or nothing.
    fn is_always_there(&self, member: &Member) -> bool {
        member.name == "metadata" && !self.odd.is_incoherent() && !self.object.starts_with("v2.")
    }

    /// Whether an optional member is absent. Objects of a kind have the same members: what may be null is null instead, and
    /// what may not is absent of all or of none.
    fn is_absent(&mut self, member: &Member, share: f64) -> bool {
        if self.odd.is_incoherent() {
            return self.rng.f64() < share;
        }
        !member.nullable && f64::from(member.coin) / 100.0 < share
    }

    /// The shares of objects in which a member that may be absent or null is so.
    fn shares(&self, member: &Member) -> (f64, f64) {
        if self.odd.is_incoherent() {
            return (ABSENT_SHARE, NULL_SHARE);
        }
        let [large, time, other] = PLAIN_NULL_SHARES;
        let [large_absent, other_absent] = PLAIN_ABSENT_SHARES;
        match &member.node {
            // What another object is for this one is said by the rules of the resource, or not at all.
            Node::Embedded(_) | Node::Reference(_) => (1.0, 1.0),
            Node::Token => (1.0, 1.0),
            Node::Array(item) if matches!(**item, Node::Token) => (1.0, 1.0),
            _ if member.name == "error" || member.name.ends_with("_error") => (1.0, 1.0),
            node if node.is_large() => (large_absent, large),
            Node::UnixTime => (other_absent, time),
            _ => (other_absent, other),
        }
    }

    fn value(&mut self, node: &Node, name: &'static str, depth: usize) -> Value {
        match node {
            Node::Text | Node::Token => self.text(name).into(),
            Node::OneOf(values) => self.choose(values).into(),
            Node::Currency if self.odd.is_incoherent() => self.choose(&odd::CURRENCIES).into(),
            Node::Currency => words::currency(self.rng).into(),
            Node::Decimal => self.decimal().into(),
            Node::IntegerText => self.rng.i64(0..1 << 53).to_string().into(),
            Node::Date => clock::date(self.created + self.rng.i64(0..30) * DAY).into(),
            Node::Timestamp => clock::rfc3339(self.created + self.rng.i64(0..DAY)).into(),
            Node::Boolean => self.rng.bool().into(),
            Node::Integer => words::integer(name, self.rng).into(),
            Node::UnixTime => self.unix_time(name).into(),
            Node::Amount => self.amount().into(),
            Node::Number => Number::from_f64(f64::from(self.rng.u32(0..10_000)) / 100.0)
                .map_or(json!(1), Value::Number),
            Node::Object(members) => Value::Object(self.members(members, depth)),
            Node::Array(_) if depth >= DEEPEST => json!([]),
            Node::Array(item) => {
                let most = match **item {
                    _ if item.is_large() && depth >= SHALLOW => 0,
                    _ if self.odd.is_incoherent() => 2,
                    Node::Reference(_) | Node::Token => 0,
                    _ if item.is_large() => 0,
                    _ => 1,
                };
                let length = self.rng.usize(0..=most);
                (0..length)
                    .map(|_| self.value(item, name, depth + 1))
                    .collect()
            }
            // The schema does not say what such objects have.
            Node::Map(item) if matches!(&**item, Node::Object(members) if members.list.is_empty()) =>
            {
                json!({})
            }
            Node::Map(item) => {
                let keys: &[&str] = match name {
                    "metadata" if self.odd.has(NastyKind::Texts) => &odd::METADATA_KEYS,
                    "metadata" => &words::METADATA_KEYS,
                    _ if self.odd.is_incoherent() => &odd::CURRENCIES,
                    _ => &words::CURRENCIES,
                };
                let keys = self.rng.choose_multiple(keys, 2);
                let short = self.rng.usize(0..=keys.len());
                // The values of a map are whole, however deep the map is.
                keys.into_iter()
                    .take(short)
                    .map(|key| ((*key).to_owned(), self.value(item, name, SHALLOW - 1)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Node::List { url } => {
                json!({ "object": "list", "data": [], "has_more": false, "url": url })
            }
            Node::Embedded(targets) => self.embedded(targets, depth),
            Node::Reference(targets) => self.reference(targets),
            Node::Json => json!({}),
        }
    }

    /// An object that is stored, if there is one; else a made-up one that is stored nowhere.
    fn embedded(&mut self, targets: &[&'static str], depth: usize) -> Value {
        let target = self.choose(targets);
        let collection = self.partition.collection(target);
        if let Some(collection) = collection
            && let Some(record) = collection
                .sample(self.rng)
                .and_then(|id| collection.get(id))
        {
            return parse(record);
        }
        let plan = self.plans.of(target);
        let mut members = self.members(&plan.members, depth);
        if members.contains_key("id") {
            members.insert(
                "id".to_owned(),
                new_id(target, self.partition.scope.mode, self.rng).into(),
            );
        }
        Value::Object(members)
    }

    /// A text for a member of this name.
    fn text(&mut self, name: &'static str) -> String {
        if self.odd.has(NastyKind::Nul) && self.rng.u8(..) < odd::NUL_DRAWS {
            return odd::with_nul(self.rng);
        }
        if !self.odd.has(NastyKind::Prose)
            && let Some(words) = vocabulary::words(self.object, name)
        {
            return self.choose(words).to_owned();
        }
        if self.odd.has(NastyKind::Texts) {
            return odd::text(name, self.rng);
        }
        if self.odd.has(NastyKind::Prose) && forms::form(name).is_none() {
            return words::prose(self.rng);
        }
        words::text(name, self.rng)
    }

    /// The id of a stored object, if there is one; else a plausible id.
    pub(crate) fn reference(&mut self, targets: &[&'static str]) -> Value {
        let target = self.choose(targets);
        let scope = &self.partition.scope;
        if self.odd.has(NastyKind::Dangling) && self.rng.bool() {
            return new_id(target, scope.mode, self.rng).into();
        }
        match self
            .partition
            .collection(target)
            .and_then(|collection| collection.sample(self.rng))
        {
            Some(id) => id.as_ref().into(),
            None if target == "account" => scope.account.as_str().into(),
            None => new_id(target, scope.mode, self.rng).into(),
        }
    }

    fn choose(&mut self, values: &[&'static str]) -> &'static str {
        self.rng.choice(values).copied().unwrap_or_default()
    }

    /// A decimal with up to 12 places, now and then an integral one.
    fn decimal(&mut self) -> String {
        let places = self.rng.usize(0..=12);
        let units = self.rng.u32(0..1_000_000);
        if places == 0 || self.rng.u8(..) < 64 {
            return units.to_string();
        }
        let fraction = self.rng.u64(1..10_u64.pow(12)) / 10_u64.pow(12 - places as u32);
        let digits = format!("{units}.{fraction:0places$}");
        // Stripe writes no zeros at the end.
        digits
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    }

    fn amount(&mut self) -> i64 {
        /// Stripe's amounts go up to 12 digits and beyond.
        const LARGE: i64 = 999_999_999_999;
        if !self.odd.has(NastyKind::Amounts) {
            return words::amount(self.rng);
        }
        match self.rng.u8(..8) {
            0 => LARGE,
            1 => 0,
            2 => 1,
            _ => self.rng.i64(50..500_000),
        }
    }

    fn unix_time(&mut self, name: &str) -> i64 {
        match name {
            "created" | "date" => self.created,
            _ if name.ends_with("_at") || name.ends_with("end") || name.ends_with("by") => {
                self.created + self.rng.i64(1..30 * DAY)
            }
            _ => self.created + self.rng.i64(0..DAY),
        }
    }
}
