//! Plausible objects from the schema, by seed.

mod coherent;
mod ids;
mod plan;
mod words;

use serde_json::{Map, Number, Value, json};

pub(crate) use self::coherent::make_coherent;
pub(crate) use self::ids::{characters, new_id};
pub(crate) use self::plan::Plans;

use self::plan::{Member, Members, Node};
use crate::clock;
use crate::data::partition::{Partition, parse};

/// Share of nullable members that are null.
const NULL_SHARE: f64 = 0.25;
/// Share of optional members that are absent.
const ABSENT_SHARE: f64 = 0.1;
/// From this depth of embedded resources on, what may be left out is left out.
const SHALLOW: usize = 2;
/// No object nests deeper than this; the schema has cycles.
const DEEPEST: usize = 12;
const DAY: i64 = 86_400;

/// Makes up values for the objects of a partition.
pub(crate) struct Maker<'a> {
    pub(crate) rng: &'a mut fastrand::Rng,
    pub(crate) plans: &'a Plans,
    pub(crate) partition: &'a Partition,
    /// The creation time of the object, Unix seconds.
    pub(crate) created: i64,
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
                let value = self.choose(values);
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
        map
    }

    fn member(&mut self, member: &Member, depth: usize) -> Option<Value> {
        let deep = depth >= SHALLOW && member.node.is_large() || depth >= DEEPEST;
        if member.optional
            && (member.includable || deep || !member.of_variant && self.rng.f64() < ABSENT_SHARE)
        {
            return None;
        }
        if member.nullable
            && (deep
                || member.name == "test_clock"
                || !member.of_variant && self.rng.f64() < NULL_SHARE)
        {
            return Some(Value::Null);
        }
        Some(self.value(&member.node, member.name, depth + 1))
    }

    fn value(&mut self, node: &Node, name: &'static str, depth: usize) -> Value {
        match node {
            Node::Text => words::text(name, self.rng).into(),
            Node::OneOf(values) => self.choose(values).into(),
            Node::Currency => self.choose(&words::CURRENCIES).into(),
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
                let most = if item.is_large() && depth >= SHALLOW {
                    0
                } else {
                    2
                };
                let length = self.rng.usize(0..=most);
                (0..length)
                    .map(|_| self.value(item, name, depth + 1))
                    .collect()
            }
            Node::Map(item) => {
                let keys: &[&str] = if name == "metadata" {
                    &words::METADATA_KEYS
                } else {
                    &words::CURRENCIES
                };
                let keys = self.rng.choose_multiple(keys, 2);
                let short = self.rng.usize(0..=keys.len());
                keys.into_iter()
                    .take(short)
                    .map(|key| ((*key).to_owned(), self.value(item, name, depth + 1)))
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

    /// The id of a stored object, if there is one; else a plausible id.
    pub(crate) fn reference(&mut self, targets: &[&'static str]) -> Value {
        let target = self.choose(targets);
        let scope = &self.partition.scope;
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
        format!("{units}.{fraction:0places$}")
    }

    fn amount(&mut self) -> i64 {
        /// Stripe's amounts go up to 12 digits and beyond.
        const LARGE: i64 = 999_999_999_999;
        match self.rng.u8(..) {
            0 => LARGE,
            1 => 0,
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
