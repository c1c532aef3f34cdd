//! References: every id that an object needs is the id of an object.

use serde_json::{Map, Value, json};
use stripe_sync_schema::catalogue;

use crate::chaos::nasty::NastyKind;
use crate::error::FakeError;
use crate::generate::plan::{Member, Members, Node};
use crate::state::coherence::{Draft, World};

/// Kinds that no list holds and nothing is read of: their ids stay as they were made up.
const ELSEWHERE: [&str; 2] = ["application", "account"];
/// How deep the making of a neighbour may make others: the schema's needs form circles.
const DEEPEST: u8 = 4;

/// What is missing.
struct Missing {
    target: &'static str,
    path: Vec<String>,
}

/// Makes what an object needs and does not find; drops what it can do without. What the test gave stays.
pub(crate) fn resolve(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let plan = world.state.plans.of(draft.object);
    let mut missing = Vec::new();
    for member in &plan.members.list {
        let Some(value) = draft.members.get_mut(member.name) else {
            continue;
        };
        let mut path = vec![member.name.to_owned()];
        let is_given = draft.given.contains_key(member.name);
        if is_given && !value.is_object() {
            continue;
        }
        // What the test says of others stays, but it need not say all of an object.
        let walk = Walk {
            world,
            is_given,
            given: draft.given,
        };
        walk.look(member, value, &mut path, &mut missing);
    }
    let is_deep = world.state.depth >= DEEPEST;
    for Missing { target, path } in missing {
        if is_deep {
            continue;
        }
        let created = draft.created;
        let found = match world.some(target, created, |_| true) {
            Some(found) => found,
            None => world.make(target, created, Value::Null)?,
        };
        let Some(id) = found.get("id").cloned() else {
            continue;
        };
        let mut at = draft.members.get_mut(&path[0]);
        for step in &path[1..] {
            at = at.and_then(|value| match value {
                Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
                Value::Object(members) => members.get_mut(step),
                _ => None,
            });
        }
        if let Some(value) = at {
            *value = id;
        }
    }
    if draft.odd.has(NastyKind::Dangling) {
        dangle(world, draft, &plan.members);
    }
    Ok(())
}

/// Sets ids of nothing where references are.
fn dangle(world: &mut World<'_>, draft: &mut Draft<'_>, members: &Members) {
    for member in &members.list {
        if let Node::Reference(targets) = &member.node
            && !draft.is_given(member.name)
            // Objects of a test clock are in no list.
            && member.name != "test_clock"
            && world.per_cent(30)
        {
            let id = world.new_id(targets.first().copied().unwrap_or_default());
            draft.members.insert(member.name.to_owned(), id.into());
        }
    }
}

/// A walk through a member along the schema.
struct Walk<'a> {
    world: &'a World<'a>,
    /// The test gave it: its ids stay.
    is_given: bool,
    /// What else it gave: the ids of what is stored next.
    given: &'a Map<String, Value>,
}

impl Walk<'_> {
    fn look(
        &self,
        member: &Member,
        value: &mut Value,
        path: &mut Vec<String>,
        missing: &mut Vec<Missing>,
    ) {
        match (&member.node, value) {
            (Node::Reference(targets), value @ Value::String(_)) if !self.is_given => {
                let id = value.as_str().unwrap_or_default();
                let is_known = |target: &&str| is_known(self.world, target, id);
                let is_next = self.given.values().any(|given| given == id);
                if targets.is_empty() || is_next || targets.iter().any(is_known) {
                    return;
                }
                if member.nullable {
                    *value = Value::Null;
                    return;
                }
                let mut targets = targets.iter();
                if let Some(target) = targets.find(|target| catalogue::resource(target).is_some()) {
                    missing.push(Missing {
                        target,
                        path: path.clone(),
                    });
                }
            }
            (Node::Object(members), Value::Object(values)) => {
                self.inside(members, values, path, missing);
            }
            (Node::Array(item), Value::Array(items)) => {
                let Node::Object(members) = &**item else {
                    return;
                };
                for (nth, item) in items.iter_mut().enumerate() {
                    if let Value::Object(values) = item {
                        path.push(nth.to_string());
                        self.inside(members, values, path, missing);
                        path.pop();
                    }
                }
            }
            _ => {}
        }
    }

    fn inside(
        &self,
        members: &Members,
        values: &mut Map<String, Value>,
        path: &mut Vec<String>,
        missing: &mut Vec<Missing>,
    ) {
        for member in &members.list {
            if let Some(value) = values.get_mut(member.name) {
                path.push(member.name.to_owned());
                self.look(member, value, path, missing);
                path.pop();
            } else if !member.optional
                && let Some(empty) = empty(member)
            {
                values.insert(member.name.to_owned(), empty);
            }
        }
    }
}

/// Gives the objects that a change brought the members that are always there.
pub(crate) fn complete(draft: &mut Draft<'_>) {
    let plan = std::sync::Arc::clone(&draft.plan);
    for member in &plan.members.list {
        if !draft.is_given(member.name) {
            continue;
        }
        if let (Node::Object(members), Some(Value::Object(values))) =
            (&member.node, draft.members.get_mut(member.name))
        {
            fill(members, values);
        }
    }
}

fn fill(members: &Members, values: &mut Map<String, Value>) {
    for member in &members.list {
        match (values.get_mut(member.name), &member.node) {
            (Some(Value::Object(values)), Node::Object(members)) => fill(members, values),
            (Some(_), _) => {}
            (None, _) if member.optional => {}
            (None, _) => {
                if let Some(empty) = empty(member) {
                    values.insert(member.name.to_owned(), empty);
                }
            }
        }
    }
}

/// What stands in a member that is always there and has nothing to say.
fn empty(member: &Member) -> Option<Value> {
    match &member.node {
        _ if member.nullable => Some(Value::Null),
        Node::Array(_) => Some(json!([])),
        Node::Map(_) => Some(json!({})),
        Node::Boolean => Some(json!(false)),
        Node::Integer | Node::Amount => Some(json!(0)),
        _ => None,
    }
}

/// Whether an id is that of an object, or of what no list holds.
fn is_known(world: &World<'_>, target: &str, id: &str) -> bool {
    if ELSEWHERE.contains(&target) || catalogue::resource(target).is_none() {
        return true;
    }
    let partition = world.state.partition(world.scope).ok();
    let collection = partition.and_then(|partition| partition.collection(target));
    let is_there =
        collection.is_some_and(|collection| collection.get(id).is_some() || collection.is_gone(id));
    // Every recurring price is a plan with the same id.
    is_there || target == "plan" && is_known(world, "price", id)
}
