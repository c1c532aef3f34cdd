//! Whether an outcome is what was expected, and the table of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::call::{Call, Expect};
use crate::world::id;

/// The code of what the fake has not.
const NOT_SIMULATED: &str = "not_simulated";

/// What the calls of one name gave.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// What the documents say.
    pub(crate) said: String,
    /// What is wrong.
    pub(crate) wrong: Option<String>,
}

/// The rows of one package, in the order of the calls.
pub(crate) fn rows(calls: &[Call], outcomes: &[Value]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut done = BTreeSet::new();
    for call in calls {
        if !done.insert(&call.name) {
            continue;
        }
        let same = calls
            .iter()
            .zip(outcomes)
            .filter(|(other, _)| other.name == call.name);
        let same: Vec<_> = same.collect();
        rows.push(Row {
            name: call.name.clone(),
            said: said(&same),
            wrong: wrong(&same),
        });
    }
    rows
}

fn objects<'a>(same: &[(&Call, &'a Value)]) -> Vec<&'a Value> {
    let outcomes = same.iter().map(|(_, outcome)| *outcome);
    let many = outcomes.flat_map(|outcome| outcome["objects"].as_array().into_iter().flatten());
    many.chain(same.iter().filter_map(|(_, outcome)| outcome.get("object")))
        .collect()
}

/// The outcome in a few words, without ids and numbers that follow the seed.
fn said(same: &[(&Call, &Value)]) -> String {
    let (_, first) = same[0];
    let error = &first["error"];
    if error["code"] == NOT_SIMULATED {
        return "not simulated".to_owned();
    }
    if error.is_object() {
        let word = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let mut said = word("kind");
        if let Some(status) = error["status"].as_u64() {
            let _ = write!(said, " {status}");
        }
        for name in ["code", "param"] {
            if error[name].is_string() {
                let _ = write!(said, " `{}`", word(name));
            }
        }
        return said;
    }
    let found = objects(same);
    let kinds: BTreeSet<&str> = found
        .iter()
        .filter_map(|object| object["object"].as_str())
        .collect();
    let kinds: Vec<_> = kinds.into_iter().map(|kind| format!("`{kind}`")).collect();
    if first["objects"].is_array() {
        return match kinds.is_empty() {
            true => "an empty list".to_owned(),
            false => format!("a list of {}", kinds.join(", ")),
        };
    }
    match first["object"]["deleted"] == true {
        true => format!("{}, deleted", kinds.join(", ")),
        false => kinds.join(", "),
    }
}

fn wrong(same: &[(&Call, &Value)]) -> Option<String> {
    for (call, outcome) in same {
        if let Some(wrong) = wrong_one(call, outcome) {
            return Some(wrong);
        }
    }
    let Expect::All(wanted) = &same[0].0.expect else {
        return None;
    };
    let found: BTreeMap<String, &Value> = objects(same)
        .into_iter()
        .map(|object| (id(object), object))
        .collect();
    let others = found.iter().find(|(id, found)| {
        wanted
            .get(*id)
            .is_some_and(|wanted| !same_value(wanted, found))
    });
    if let Some((id, _)) = others {
        return Some(format!("{id} is another object"));
    }
    let lack: Vec<_> = wanted
        .keys()
        .filter(|id| !found.contains_key(*id))
        .collect();
    let more: Vec<_> = found
        .keys()
        .filter(|id| !wanted.contains_key(*id))
        .collect();
    (!lack.is_empty() || !more.is_empty()).then(|| format!("lacks {lack:?}, has {more:?} too"))
}

fn wrong_one(call: &Call, outcome: &Value) -> Option<String> {
    let error = &outcome["error"];
    let object = &outcome["object"];
    let is_right = match &call.expect {
        Expect::Object(wanted) => same_value(wanted, object),
        Expect::Members(members) => {
            let mut members = members.iter();
            members.all(|(pointer, wanted)| match wanted {
                Value::Null => outcome.pointer(pointer).is_some(),
                _ => outcome.pointer(pointer) == Some(wanted),
            })
        }
        Expect::Page(wanted, more) => {
            let found: Vec<String> = objects(&[(call, outcome)]).into_iter().map(id).collect();
            found == *wanted && outcome["has_more"] == *more
        }
        Expect::All(_) | Expect::Objects => outcome["objects"].is_array(),
        Expect::Deleted => object["deleted"] == true,
        Expect::Refused(status, code, param) => {
            let is = |name: &str, wanted: &str| error[name].as_str().unwrap_or_default() == wanted;
            error["status"].as_u64().unwrap_or(0) == u64::from(*status)
                && (is("code", code) || drops_code(error))
                && is("param", param)
        }
        Expect::NotSimulated => error["code"] == NOT_SIMULATED && error["status"] == 400,
    };
    let shown = || {
        let mut text = outcome.to_string();
        text.truncate(text.floor_char_boundary(600));
        let mut wanted = format!("{:?}", call.expect);
        wanted.truncate(wanted.floor_char_boundary(300));
        format!(
            "{:?} {}: expected {wanted}, got {text}",
            call.args, call.params
        )
    };
    (!is_right).then(shown)
}

/// Python's package leaves out the code of a PermissionError.
fn drops_code(error: &Value) -> bool {
    error["kind"] == "PermissionError" && error["code"].is_null()
}

/// Node's package reads some texts as decimals, which have no zeros at the end.
fn is_same_decimal(one: &str, other: &str) -> bool {
    one.contains('.')
        && one.parse::<f64>().is_ok()
        && one.trim_end_matches('0').trim_end_matches('.') == other
}

/// Equal but for the form of numbers: to JavaScript 1.0 is 1. The first member that differs is printed.
fn same_value(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            // What a package adds to an object is no member of Stripe's.
            let differs = one.iter().find(|(name, value)| {
                !other
                    .get(*name)
                    .is_some_and(|other| same_value(value, other))
            });
            if let Some((name, value)) = differs {
                eprintln!("{name}: {value} is {:?}", other.get(name));
            }
            differs.is_none() && other.keys().all(|name| one.contains_key(name))
        }
        (Value::String(one), Value::String(other)) => one == other || is_same_decimal(one, other),
        _ => wanted == got,
    }
}
