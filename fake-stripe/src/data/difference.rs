//! Merging changes into an object, and telling what changed.

use serde_json::{Map, Value};

/// Merges objects member by member; everything else is replaced, and null replaces too.
pub(crate) fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Stripe's `previous_attributes`: the old values of what changed; null for what was not there. Arrays are whole.
pub(crate) fn difference(before: &Value, after: &Value) -> Map<String, Value> {
    let mut previous = Map::new();
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return previous;
    };
    for (key, old) in before {
        match after.get(key) {
            Some(new) if new == old => {}
            Some(new @ Value::Object(_)) if old.is_object() => {
                previous.insert(key.clone(), Value::Object(difference(old, new)));
            }
            _ => {
                previous.insert(key.clone(), old.clone());
            }
        }
    }
    for key in after.keys().filter(|key| !before.contains_key(*key)) {
        previous.insert(key.clone(), Value::Null);
    }
    previous
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn previous_attributes() {
        let before = json!({ "a": 1, "b": { "c": 1, "d": 2 }, "e": [1, 2], "f": null, "g": 1 });
        let mut after = before.clone();
        merge(
            &mut after,
            &json!({ "b": { "c": 9 }, "e": [1], "f": "x", "h": true }),
        );
        after.as_object_mut().unwrap().remove("g");
        let previous = difference(&before, &after);
        let wanted = json!({ "b": { "c": 1 }, "e": [1, 2], "f": null, "g": 1, "h": null });
        assert_eq!(Value::Object(previous), wanted);
    }
}
