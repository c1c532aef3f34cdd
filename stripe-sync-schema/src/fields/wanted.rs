//! What a path that does not exist was probably meant to be.

use super::tree::{Members, Node};
use super::{Kind, PathError, Step, children};
use crate::suggest;

/// A field elsewhere in the object, by how well it fits: fewer errors, then fewer other resources on the way, then fewer steps.
type Found = (usize, usize, usize, String);

/// Completes an [`PathError::UnknownKey`]; every other error stays as it is.
pub(super) fn with_suggestions(error: PathError, object: &str, path: &[Step<'_>]) -> PathError {
    let PathError::UnknownKey { at, parent, .. } = error else {
        return error;
    };
    let siblings: Vec<&'static str> = children(object, path.get(..at).unwrap_or_default())
        .into_iter()
        .map(|field| field.name)
        .collect();
    let suggestions = match path.get(at) {
        Some(Step::Key(key)) => {
            let near = suggest::nearest(key, siblings.iter().copied());
            if near.is_empty() {
                elsewhere(object, key)
            } else {
                near.into_iter().map(str::to_owned).collect()
            }
        }
        _ => Vec::new(),
    };
    PathError::UnknownKey {
        at,
        parent,
        suggestions,
        siblings,
    }
}

/// Full paths in the object, and in the resources embedded in it, whose last name is or nearly is `wanted`. Words joined
/// with an underscore count as a path: `address_city` is found at `address.city`.
fn elsewhere(object: &str, wanted: &str) -> Vec<String> {
    let mut found: Vec<Found> = Vec::new();
    if let [top] = Members::of_object(object).as_slice() {
        search(
            *top,
            &Place {
                path: String::new(),
                words: String::new(),
                steps: 0,
                hops: 0,
            },
            wanted,
            &mut found,
        );
    }
    found.sort_unstable();
    // A field of the object itself leaves no need for one in a resource that happens to be embedded.
    let best = found.first().map(|(errors, hops, ..)| (*errors, *hops));
    found
        .into_iter()
        .filter(|(errors, hops, ..)| Some((*errors, *hops)) == best)
        .map(|(.., path)| path)
        .take(suggest::MOST)
        .collect()
}

/// How a search has come to where it is.
struct Place {
    path: String,
    /// The path with underscores, as a flat field would be called.
    words: String,
    steps: usize,
    /// How many embedded resources lie on the way.
    hops: usize,
}

fn search(members: Members, place: &Place, wanted: &str, found: &mut Vec<Found>) {
    for node in members.iter() {
        let name = node.line.name;
        let join = |before: &str, with: char| {
            if before.is_empty() {
                name.to_owned()
            } else {
                format!("{before}{with}{name}")
            }
        };
        let next = Place {
            path: join(&place.path, '.'),
            words: join(&place.words, '_'),
            steps: place.steps + 1,
            hops: place.hops,
        };
        let joined =
            next.words == wanted || (wanted.contains('_') && ends_with_words(&next.words, wanted));
        if let Some(errors) = if joined {
            Some(0)
        } else {
            suggest::distance(wanted, name)
        } {
            found.push((errors, next.hops, next.steps, next.path.clone()));
        }
        enter(node, next, wanted, found);
    }
}

/// Goes on below a field; not into maps, not through references, and into no more than one embedded resource.
fn enter(node: Node, mut place: Place, wanted: &str, found: &mut Vec<Found>) {
    match node.line.kind {
        Kind::Object | Kind::List => search(node.below(), &place, wanted, found),
        Kind::Array => {
            if let Some(element) = node.below().find("[]") {
                place.path.push_str("[0]");
                place.steps += 1;
                enter(element, place, wanted, found);
            }
        }
        Kind::Resource if place.hops == 0 => {
            if let [target] = node.members().as_slice() {
                place.hops = 1;
                search(*target, &place, wanted, found);
            }
        }
        _ => {}
    }
}

fn ends_with_words(words: &str, wanted: &str) -> bool {
    words
        .strip_suffix(wanted)
        .is_some_and(|before| before.ends_with('_'))
}
