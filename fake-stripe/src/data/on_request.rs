//! Members that are sent only when `expand` names them: they are kept beside the object, so that no answer and no event has
//! them by itself.

use std::borrow::Cow;

use serde_json::{Map, Value};
use stripe_sync_schema::fields;

/// Hidden members by their paths: `tiers`, `fixed_amount.currency_options`.
type Hidden = Map<String, Value>;

/// An object as it is sent, and what of it is sent on request only. Objects inside it lose such members.
pub(crate) fn split<'a>(object: &str, value: &'a Value) -> (Cow<'a, Value>, Option<Box<Hidden>>) {
    if !is_in(value) {
        return (Cow::Borrowed(value), None);
    }
    let mut shown = value.clone();
    let hidden = take(object, &mut shown);
    let hidden = (!hidden.is_empty()).then(|| Box::new(hidden));
    (Cow::Owned(shown), hidden)
}

/// What was hidden of an object and what is hidden of its successor. A change that does not name a member keeps it.
pub(crate) fn merged(old: Option<Box<Hidden>>, new: Option<Box<Hidden>>) -> Option<Box<Hidden>> {
    let (Some(mut all), new) = (old, new.clone()) else {
        return new;
    };
    all.extend(new.map(|new| *new).unwrap_or_default());
    Some(all)
}

/// Takes out what is sent on request only, and returns what the object itself had of it.
pub(crate) fn take(object: &str, value: &mut Value) -> Hidden {
    let mut hidden = Hidden::new();
    for path in fields::on_request(object) {
        let taken = remove(value, path);
        hidden.extend(taken.map(|taken| (path.to_owned(), taken)));
    }
    strip(value);
    hidden
}

/// Puts a member back in: the path that `expand` names, or one that it leads through.
pub(crate) fn include(hidden: &Hidden, value: &mut Value, steps: &[&str]) {
    for (path, member) in hidden {
        let length = path.split('.').count();
        let is_asked = path.split('.').eq(steps.iter().copied().take(length));
        let Some((holder, name)) = is_asked.then(|| holder(value, path)).flatten() else {
            continue;
        };
        holder.entry(name).or_insert_with(|| member.clone());
    }
}

fn is_in(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(is_in),
        Value::Object(members) => {
            let mut paths = fields::on_request(name(members));
            paths.any(|path| is_at(value, path)) || members.values().any(is_in)
        }
        _ => false,
    }
}

fn is_at(value: &Value, path: &str) -> bool {
    let mut names = path.split('.');
    names
        .try_fold(value, |value, name| value.get(name))
        .is_some()
}

fn strip(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(members) => {
            let name = name(members).to_owned();
            for path in fields::on_request(&name) {
                remove(value, path);
            }
            let members = value.as_object_mut().into_iter();
            members.flat_map(Map::values_mut).for_each(strip);
        }
        _ => {}
    }
}

fn name(members: &Map<String, Value>) -> &str {
    let name = members.get("object").and_then(Value::as_str);
    name.unwrap_or_default()
}

fn remove(value: &mut Value, path: &str) -> Option<Value> {
    let (holder, name) = holder(value, path)?;
    holder.remove(name)
}

/// The object that has the last member of a path.
fn holder<'v, 'p>(
    value: &'v mut Value,
    path: &'p str,
) -> Option<(&'v mut Map<String, Value>, &'p str)> {
    let (above, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut names = above.split('.').filter(|name| !name.is_empty());
    let holder = names.try_fold(value, |value, name| value.get_mut(name))?;
    Some((holder.as_object_mut()?, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_come_and_go() {
        let price = json!({ "object": "price", "tiers": [1], "unit_amount": 5 });
        let rate = json!({ "object": "shipping_rate", "price": price,
            "fixed_amount": { "amount": 1, "currency_options": { "usd": 1 } } });
        let (shown, hidden) = split("shipping_rate", &rate);
        let plain = json!({ "object": "shipping_rate", "price": { "object": "price", "unit_amount": 5 },
            "fixed_amount": { "amount": 1 } });
        assert_eq!(*shown, plain);
        let hidden = hidden.unwrap();
        assert_eq!(
            *hidden,
            *json!({ "fixed_amount.currency_options": { "usd": 1 } })
                .as_object()
                .unwrap()
        );
        let mut again = shown.into_owned();
        include(&hidden, &mut again, &["fixed_amount"]);
        assert_eq!(again, plain);
        include(
            &hidden,
            &mut again,
            &["fixed_amount", "currency_options", "usd"],
        );
        assert_eq!(again["fixed_amount"], rate["fixed_amount"]);
    }
}
