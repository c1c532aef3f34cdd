//! What is checked of two structs that name each other as soon as the compiler knows both. Constants cannot format, so the derive
//! hands over the messages.

use crate::model::Model;

/// Checks that a model mirrors one of the objects whose ids Stripe sends. The derive calls it beside the descriptors, which refer
/// to each other in circles.
///
/// # Panics
/// When it mirrors none of them, which is an error of the compiler: `wrong` and the model's object are its message.
#[track_caller]
pub const fn mirrors(model: &Model, objects: &[&str], wrong: &str) {
    // That of a struct with a mistake, which the derive has said.
    let is_broken = model.parts.object.is_empty();
    if !is_broken && !contains(objects, model.parts.object) {
        refuse(wrong, model.parts.object);
    }
}

/// What a list of a struct can hold, and what to say of a struct whose rows it cannot.
#[derive(Debug)]
pub struct Held {
    /// The objects in the list.
    pub objects: &'static [&'static str],
    /// The object that has the list.
    pub parent: &'static str,
    /// How many names of a path Stripe expands below the list.
    pub room: usize,
    /// Of a struct of another object, which follows.
    pub other: &'static str,
    /// Of a struct without a parent.
    pub orphan: &'static str,
    /// Of a struct with another parent, which follows.
    pub foreign: &'static str,
    /// Of a struct that expands a longer path, which follows.
    pub deep: &'static str,
}

/// Checks that the rows of a model can stand in a list.
///
/// # Panics
/// When they cannot, which is an error of the compiler with the message of [`Held`].
#[track_caller]
pub const fn holds(child: &Model, held: &Held) {
    if child.parts.object.is_empty() {
        return;
    }
    if !contains(held.objects, child.parts.object) {
        refuse(held.other, child.parts.object);
    }
    match child.parts.declared.parent {
        None => panic!("{}", held.orphan),
        Some(parent) if !is(parent.object.as_bytes(), held.parent.as_bytes()) => {
            refuse(held.foreign, parent.object)
        }
        Some(_) => {}
    }
    let expand = child.parts.expand;
    let mut at = 0;
    while at < expand.len() {
        if names(expand[at]) > held.room {
            refuse(held.deep, expand[at]);
        }
        at += 1;
    }
}

/// How many names a path has.
const fn names(path: &str) -> usize {
    let path = path.as_bytes();
    let (mut names, mut at) = (1, 0);
    while at < path.len() {
        if path[at] == b'.' {
            names += 1;
        }
        at += 1;
    }
    names
}

const fn contains(objects: &[&str], object: &str) -> bool {
    let mut at = 0;
    while at < objects.len() {
        if is(objects[at].as_bytes(), object.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

pub(in crate::model) const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Ends compilation with a message that is put together from texts, which constants cannot format.
#[track_caller]
const fn refuse(wrong: &str, object: &str) -> ! {
    /// No name in the message is longer than 64 bytes.
    const ROOM: usize = 1024;
    let mut text = [0; ROOM];
    let mut end = 0;
    let parts = [wrong.as_bytes(), b"`", object.as_bytes(), b"`"];
    let mut part = 0;
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() && end < ROOM {
            text[end] = parts[part][at];
            (at, end) = (at + 1, end + 1);
        }
        part += 1;
    }
    match std::str::from_utf8(text.split_at(end).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("the other struct mirrors another resource"),
    }
}

#[cfg(test)]
mod tests {
    use super::{contains, names};

    #[test]
    fn objects_are_compared_whole() {
        let objects = ["charge", "payment_intent"];
        for (object, is_in) in [
            ("charge", true),
            ("payment_intent", true),
            ("payment", false),
            ("charges", false),
            ("", false),
        ] {
            assert_eq!(contains(&objects, object), is_in, "{object}");
        }
    }

    #[test]
    fn a_path_has_names_between_dots() {
        assert_eq!(names("discounts"), 1);
        assert_eq!(names("price.product"), 2);
    }
}
