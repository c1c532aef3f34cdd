//! New objects, as Stripe would make them, with the events that this makes.

mod copies;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::chaos::nasty::Oddities;
use crate::data::index::resource_index;
use crate::data::partition::Scope;
use crate::data::{inline_lists, on_request};
use crate::error::FakeError;
use crate::events::types::Change;
use crate::generate::plan::Node;
use crate::generate::{Maker, new_id, parent_members, spare_id};
use crate::state::State;
use crate::state::checks;
use crate::state::coherence::{Draft, Stored, World, sales};
use crate::state::rows::take_lists;

/// Where a new object goes.
#[derive(Debug)]
pub(crate) struct Placement {
    pub(crate) created: i64,
    pub(crate) visible_at: i64,
    pub(crate) listed: bool,
    pub(crate) parent: Option<String>,
}

/// How a new object comes to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct CreateOptions<'a> {
    /// The object name and id of the object whose nested list shows it.
    pub(crate) parent: Option<(&'static str, &'a str)>,
    /// Hidden from every list.
    pub(crate) unlisted: bool,
    /// Its creation time; the fake's time if it is `None`.
    pub(crate) created: Option<i64>,
    /// Part of the past: nothing announces it.
    pub(crate) silent: bool,
    /// A row of an object that is just being created, which will be shown there.
    pub(crate) inside: bool,
    /// Part of the past, whether it is announced or not.
    pub(crate) past: bool,
    /// What is strange about it; drawn if it is `None`.
    pub(crate) odd: Option<Oddities>,
    /// What is given is checked against the schema and the account.
    pub(crate) checked: bool,
}

/// Puts what was given in the place of what was made up: member by member in an object, whose other optional members go; whole
/// everywhere else.
fn give(made: &mut Value, given: &Value, node: Option<&Node>) {
    let (Value::Object(made), Value::Object(given), Some(Node::Object(members))) =
        (&mut *made, given, node)
    else {
        *made = given.clone();
        return;
    };
    made.retain(|name, _| {
        given.contains_key(name)
            || !members
                .list
                .iter()
                .any(|member| member.name == name && member.optional)
    });
    for (name, value) in given {
        give(
            made.entry(name.as_str()).or_insert(Value::Null),
            value,
            members.node(name),
        );
    }
}

impl State {
    /// Makes an object up, with the members that `given` names, and stores it.
    pub(crate) fn create(
        &mut self,
        scope: &Scope,
        name: &str,
        given: Value,
        options: CreateOptions<'_>,
    ) -> Result<Value, FakeError> {
        let index = resource_index(name).ok_or_else(|| FakeError::unknown_object(name))?;
        let (object, resource) = (index.object, index.resource);
        let mut given = match given {
            Value::Object(given) => given,
            Value::Null => Map::new(),
            other => return Err(FakeError::not_an_object(object, &other)),
        };
        if let Some((parent, id)) = options.parent
            && let Some(field) = index.parent_member(parent)
        {
            given.entry(field).or_insert_with(|| id.into());
        }
        let id = match given.get("id").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => self.free_id(scope, object)?,
        };
        let time_field = resource.created;
        let created = time_field
            .and_then(|field| given.get(field)?.as_i64())
            .or(options.created)
            .unwrap_or(self.now);
        let partition = self
            .partitions
            .get(scope)
            .ok_or_else(|| FakeError::UnknownAccount {
                account: scope.account.clone(),
            })?;
        if partition
            .collection(object)
            .is_some_and(|collection| collection.has_taken(&id))
        {
            return Err(FakeError::IdTaken {
                object: object.to_owned(),
                id,
            });
        }
        if options.checked {
            checks::members(self, scope, object, &given)?;
        }
        if object == "item" && options.parent.is_none() && self.is_coherent {
            let mut world = self.world(scope, (options.silent, options.past));
            return sales::item::alone(&mut world, created, Value::Object(given));
        }
        let odd = match options.odd {
            _ if !self.is_coherent => Oddities::free(),
            Some(odd) => odd,
            None => self.nasty.draw(&mut self.rng),
        };
        let mut rng = self.rng.fork();
        let partition = self.partition(scope)?;
        let parent = options.parent.map(|(_, id)| id.to_owned());
        let parent = parent.or_else(|| inline_lists::any_parent(partition, index, &mut rng));
        let mut maker = Maker {
            rng: &mut rng,
            plans: &self.plans,
            partition,
            created,
            odd,
            object,
        };
        let mut members = maker.object(object);
        members.insert("id".to_owned(), id.as_str().into());
        members.insert("object".to_owned(), object.into());
        if resource.livemode {
            members.insert("livemode".to_owned(), scope.mode.livemode().into());
        }
        if let Some(field) = time_field {
            members.insert(field.to_owned(), created.into());
        }
        let rows = take_lists(&mut given, resource);
        let plan = self.plans.of(object);
        for (key, value) in &given {
            let node = plan.members.node(key);
            give(
                members.entry(key.as_str()).or_insert(Value::Null),
                value,
                node,
            );
        }
        parent_members(index, &mut members, &given, &mut maker);
        let mut draft = Draft {
            object,
            id: &id,
            created,
            members,
            given: &given,
            rows,
            odd,
            plan: Arc::clone(&plan),
            is_inside: options.inside,
            parent: parent.as_deref(),
        };
        if !odd.is_incoherent() {
            self.depth += 1;
            let settled = self
                .world(scope, (options.silent, options.past))
                .settle(&mut draft);
            self.depth -= 1;
            settled?;
        }
        let Draft {
            members,
            rows: children,
            ..
        } = draft;
        let mut value = Value::Object(members);
        self.drift.apply(
            &mut value,
            &plan.enums,
            &plan.required,
            &Value::Object(given),
            &mut self.rng,
        );

        let placement = Placement {
            created,
            visible_at: self.now,
            listed: !options.unlisted,
            parent,
        };
        let record = self.record(scope, object, &value, &placement)?;
        on_request::take(object, &mut value);
        let sum = self.sum(scope, index, placement.parent.as_deref())?;
        self.partition_mut(scope)?
            .collection_mut(object)?
            .insert(created, record);
        if let Some(made) = &mut self.made {
            made.push((object, id.clone()));
        }
        self.fill_lists(scope, resource, (&id, created, odd), children)?;
        if resource.embedded.iter().any(|embedded| embedded.inline) {
            value = self.refresh_lists(scope, resource, &id)?;
        }
        if !options.silent {
            self.announce(scope, object, &value, Change::Created)?;
            self.announce_sum(scope, index, sum)?;
        }
        if options.inside {
            return Ok(value);
        }
        self.refresh_holder(scope, object, &id, options.silent)?;
        if !odd.is_incoherent() {
            let stored = Stored {
                object,
                id: &id,
                before: None,
                after: &value,
            };
            self.world(scope, (options.silent, options.past))
                .follow(&stored)?;
            value = self.current(scope, object, &id)?;
        }
        Ok(value)
    }

    /// An id that no object of this name has. Some are short words, such as those of countries, which can be drawn twice.
    fn free_id(&mut self, scope: &Scope, object: &str) -> Result<String, FakeError> {
        /// With more, the words are used up.
        const DRAWS: usize = 1_000;
        /// After so many the words of a list are as good as used up.
        const WORDS: usize = 400;
        let mut id = String::new();
        for draw in 0..DRAWS {
            let spare = (draw >= WORDS).then(|| spare_id(object, &mut self.rng));
            id = match spare.flatten() {
                Some(spare) => spare,
                None => new_id(object, scope.mode, &mut self.rng),
            };
            let collection = self.partition(scope)?.collection(object);
            if !collection.is_some_and(|collection| collection.has_taken(&id)) {
                break;
            }
        }
        Ok(id)
    }

    /// The account around an object.
    pub(crate) fn world<'a>(
        &'a mut self,
        scope: &'a Scope,
        (silent, past): (bool, bool),
    ) -> World<'a> {
        World {
            state: self,
            scope,
            silent,
            past,
        }
    }
}
