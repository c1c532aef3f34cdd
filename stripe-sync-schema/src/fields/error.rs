//! Why a path does not lead anywhere.

use super::{Kind, Move, Now, Step};

/// Why a path does not exist. `at` counts the steps of the path from 0.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Stripe has no such object.
    #[error("Stripe has no object `{object}`{}", did_you_mean(suggestions))]
    UnknownObject {
        /// The name that was given.
        object: String,
        /// Object names near it, best first, at most three.
        suggestions: Vec<String>,
    },
    /// A step names something that is not there.
    #[error(
        "there is no such field {}{}{}",
        inside(parent),
        did_you_mean(suggestions),
        instead(*moved)
    )]
    UnknownKey {
        /// The step that does not exist.
        at: usize,
        /// The path before it as text, `""` at the top.
        parent: String,
        /// Near names beside it, best first, at most three. If there is none: full paths from the top to fields of
        /// this or nearly this name elsewhere in the object, such as `address.country` or `items.data[0].price`.
        suggestions: Vec<String>,
        /// What became of the member, if Stripe moved it, or if it is known under another name.
        moved: Option<&'static Move>,
        /// Every name that exists there.
        siblings: Vec<&'static str>,
    },
    /// The path goes on after an id. Only the id is stored there.
    #[error("step {at} is the id of another object ({}); a path cannot go through it", targets.join(", "))]
    ThroughReference {
        /// The step that is the reference.
        at: usize,
        /// The objects that it can refer to; empty if Stripe does not name them.
        targets: Vec<&'static str>,
    },
    /// The path names a member right after an array.
    #[error("step {at} is an array and needs an index")]
    ThroughArray {
        /// The step that is the array.
        at: usize,
    },
    /// The path goes past a list object without its `data`.
    #[error("step {at} is a list object; its elements are at `.data[0]`")]
    ThroughList {
        /// The step that is the list object.
        at: usize,
    },
    /// The path goes deeper than the key of a map.
    #[error("step {at} is a map; a path can go no deeper than one of its keys")]
    ThroughMap {
        /// The step that is the map, one before its key.
        at: usize,
    },
    /// The path names a member of something that has none.
    #[error("step {at} has no fields, it is {kind:?}")]
    NotAnObject {
        /// The step that has no members.
        at: usize,
        /// What it is.
        kind: Kind,
    },
    /// An index follows something that is not an array.
    #[error("step {at} is an index, but what it follows is not an array, it is {kind:?}")]
    IndexWithoutArray {
        /// The step that is the index.
        at: usize,
        /// What the index follows; [`Kind::Object`] at the top.
        kind: Kind,
    },
}

impl PathError {
    /// Whether the path goes on after the id of one of several objects.
    #[must_use]
    pub fn is_of_several(&self) -> bool {
        matches!(self, Self::ThroughReference { targets, .. } if targets.len() > 1)
    }

    /// Without suggestions, which take a search.
    pub(super) fn unknown_key(at: usize, path: &[Step<'_>]) -> Self {
        let parent = text(path.get(..at).unwrap_or_default());
        Self::UnknownKey {
            at,
            parent,
            suggestions: Vec::new(),
            moved: None,
            siblings: Vec::new(),
        }
    }
}

/// `items.data[0].price`
fn text(path: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

fn inside(parent: &str) -> String {
    if parent.is_empty() {
        "at the top of the object".to_owned()
    } else {
        format!("in `{parent}`")
    }
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean `{}`?", suggestions.join("` or `"))
    }
}

fn instead(moved: Option<&Move>) -> String {
    match moved.map(|moved| moved.now) {
        Some(Now::Words(words)) => format!("; {words}"),
        _ => String::new(),
    }
}
