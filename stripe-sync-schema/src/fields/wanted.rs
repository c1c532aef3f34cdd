//! What a path that does not exist was probably meant to be.

use super::tree::{Members, Node};
use super::walk::Walk;
use super::{Kind, Move, Now, PathError, Step, moved, on_request};
use crate::suggest;

/// A field elsewhere in the object, by how well it fits: fewer errors, then fewer other resources on the way, then fewer steps, then
/// that of a card among those of all payment methods.
type Found = (usize, usize, usize, bool, String);

/// Members that most resources have, each of its own.
const OF_EACH: [&str; 7] = [
    "created", "currency", "deleted", "id", "livemode", "metadata", "object",
];

/// What lies deeper is not meant by a name at the top.
const MOST_STEPS: usize = 6;

/// Completes an [`PathError::UnknownKey`]; every other error stays as it is.
pub(super) fn with_suggestions(error: PathError, object: &str, path: &[Step<'_>]) -> PathError {
    // Where a path that goes through references went wrong, as where another did.
    let members = |at: usize| {
        let walk = Walk::along(object, path.get(..at).unwrap_or_default(), true);
        walk.map(|walk| walk.children()).unwrap_or_default()
    };
    let PathError::UnknownKey { at, parent, .. } = error else {
        return error;
    };
    let siblings: Vec<&'static str> = members(at).into_iter().map(|field| field.name).collect();
    let key = match path.get(at) {
        Some(Step::Key(key)) => key,
        _ => "",
    };
    let (moved, suggestions) = match moved::find(object, key) {
        Some(moved) if parent.is_empty() => (Some(moved), Vec::new()),
        _ => suggested(object, key, &siblings, parent.is_empty()),
    };
    let suggestions = match moved.map(|moved| moved.now) {
        Some(Now::Path(path)) => vec![path.to_owned()],
        Some(Now::Words(_)) => Vec::new(),
        None => suggestions,
    };
    PathError::UnknownKey {
        at,
        parent,
        suggestions,
        moved,
        siblings,
    }
}

/// Names beside it and, at the top of the object, those that Stripe moved: in another form, then misspelt. Then names beside it
/// with more words, then places elsewhere in the object.
fn suggested(
    object: &str,
    key: &str,
    siblings: &[&'static str],
    is_top: bool,
) -> (Option<&'static Move>, Vec<String>) {
    let beside = || siblings.iter().copied();
    // What is sent on request only is null without one: it is named if nothing else is meant.
    let owned = |mut names: Vec<&str>| -> Vec<String> {
        if !names.iter().all(|name| on_request::covers(object, name)) {
            names.retain(|name| !is_top || !on_request::covers(object, name));
        }
        names.into_iter().map(str::to_owned).collect()
    };
    // `stripe_email`, `is_active` and, in a customer, `customer_email`.
    let own = object.rsplit('.').next().unwrap_or(object);
    let bare = ["stripe", "is", own].into_iter().find_map(|before| {
        let rest = key.strip_prefix(before)?.strip_prefix('_')?;
        (is_top && rest != "id").then_some(rest)
    });
    for key in [key].into_iter().chain(bare) {
        let same = suggest::inflected(key, beside());
        if !same.is_empty() {
            return (None, owned(same));
        }
        if is_top && let Some(moved) = moved::inflected(object, key) {
            return (Some(moved), Vec::new());
        }
        let near = suggest::nearest(key, beside());
        if !near.is_empty() {
            return (None, owned(near));
        }
        if is_top && let Some(moved) = moved::misspelt(object, key) {
            return (Some(moved), Vec::new());
        }
    }
    let containing = suggest::containing(key, beside());
    if !containing.is_empty() {
        return (None, owned(containing));
    }
    (None, elsewhere(object, key))
}

/// Full paths in the object, and in the resources embedded in it, whose last name is or nearly is `wanted`. Words joined
/// with an underscore count as a path: `address_city` is found at `address.city`.
fn elsewhere(object: &str, wanted: &str) -> Vec<String> {
    let mut search = Search {
        object,
        wanted,
        found: Vec::new(),
    };
    if let [top] = Members::of_object(object).as_slice() {
        search.members(*top, &Place::default());
    }
    let mut found = search.found;
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
#[derive(Default)]
struct Place {
    path: String,
    /// The path with underscores, as a flat field would be called.
    words: String,
    steps: usize,
    /// How many embedded resources lie on the way.
    hops: usize,
}

struct Search<'a> {
    object: &'a str,
    wanted: &'a str,
    found: Vec<Found>,
}

impl Search<'_> {
    fn members(&mut self, members: Members, place: &Place) {
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
            let wanted = self.wanted;
            let joined = next.words == wanted
                || (wanted.contains('_') && suggest::ends_with_words(&next.words, wanted));
            let errors = match joined {
                true => Some(0),
                false => suggest::distance(wanted, name).filter(|errors| *errors < 2),
            };
            // Each resource has these: those of another one are not meant.
            let is_of_another = next.hops > 0 && OF_EACH.contains(&name);
            if let Some(errors) = errors.filter(|_| !is_of_another) {
                let is_of_card = next.path.split('.').any(|step| step == "card");
                let place = (
                    errors,
                    next.hops,
                    next.steps,
                    !is_of_card,
                    next.path.clone(),
                );
                self.found.push(place);
            }
            if next.steps < MOST_STEPS
                && !is_almost_always_null(name)
                && !on_request::covers(self.object, &next.path)
            {
                self.enter(node, next);
            }
        }
    }

    /// Goes on below a field; not into maps, not through references, and into no more than one embedded resource.
    fn enter(&mut self, node: Node, mut place: Place) {
        match node.line.kind {
            Kind::Object | Kind::List => self.members(node.below(), &place),
            Kind::Array => {
                if let Some(element) = node.below().find("[]") {
                    place.path.push_str("[0]");
                    place.steps += 1;
                    self.enter(element, place);
                }
            }
            Kind::Resource if place.hops == 0 => {
                if let [target] = node.members().as_slice() {
                    place.hops = 1;
                    self.members(*target, &place);
                }
            }
            _ => {}
        }
    }
}

/// Whether what is below a member is there only while something goes wrong or waits, or for one kind of payment: nobody means that
/// by a plain name.
fn is_almost_always_null(name: &str) -> bool {
    name.ends_with("_error")
        || [
            "error",
            "mandate_options",
            "payment_method_options",
            "pending_update",
        ]
        .contains(&name)
}
