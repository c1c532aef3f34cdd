//! What a path needs of `expand`: members that Stripe sends on request only, and references that it sends as ids.

use super::walk::Walk;
use super::{Kind, Step, elements, on_request};

/// A step of a path that a request has to name in `expand`.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// The step, counted from 0.
    pub at: usize,
    /// The path up to and with the step as Stripe writes it, without indexes: `items.data.price`.
    pub path: String,
    /// The object whose member it is; empty if several can stand there.
    pub object: &'static str,
    /// Why it has to be named.
    pub need: Need,
}

/// Why a step has to be named in `expand`.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The member is absent otherwise.
    OnRequest,
    /// The member is an id otherwise.
    Reference,
}

/// An object on the way of a path, and the step that is its first member.
pub(super) type Owner = (&'static str, usize);

/// The steps of a path of an object that a request has to name in `expand`, the first one first. `whole` says that the object
/// at the end of the path is wanted, and not its id. A path that leads nowhere ends early.
#[must_use]
pub fn expansions(object: &str, path: &[Step<'_>], whole: bool) -> Vec<Expansion> {
    let mut found = Vec::new();
    along(object, path, |count, owners, field| {
        let is_end = count == path.len();
        let here = path.get(..count).unwrap_or_default();
        let mut need = |object, need| {
            found.push(Expansion {
                at: count.saturating_sub(1),
                path: dotted(here),
                object,
                need,
            });
        };
        let asked = owners
            .iter()
            .find(|(owner, from)| on_request::is(owner, &since(here, *from)));
        // An element has the path of its array.
        if let (Some((owner, _)), Some(Step::Key(_))) = (asked, here.last()) {
            need(owner, Need::OnRequest);
        }
        let is_reference = match field {
            Some((Kind::Reference, _)) => !is_end || whole,
            Some((Kind::Array, Some(Kind::Reference))) => is_end && whole,
            _ => false,
        };
        if is_reference {
            let owner = match owners {
                [(owner, _)] => owner,
                _ => "",
            };
            need(owner, Need::Reference);
        }
    });
    found
}

/// The steps of a path as `expand` has it, which names no elements: one follows each array.
#[must_use]
pub fn steps_of<'p>(object: &str, keys: &[&'p str]) -> Vec<Step<'p>> {
    let mut steps = Vec::with_capacity(keys.len());
    for key in keys {
        let array = Walk::along(object, &steps, true).ok();
        let array = array.and_then(|walk| walk.field());
        if array.is_some_and(|field| field.kind == Kind::Array) {
            steps.push(Step::Index(0));
        }
        steps.push(Step::Key(key));
    }
    steps
}

/// Calls `visit` for each step of a path: how many steps lead there, the objects on the way whose members are stepped
/// through, and the kind that stands there with that of its elements; `None` if nothing is known of it.
pub(super) fn along(
    object: &str,
    path: &[Step<'_>],
    mut visit: impl FnMut(usize, &[Owner], Option<(Kind, Option<Kind>)>),
) {
    let owners = elements::owners(object).into_iter();
    let mut owners: Vec<Owner> = owners.map(|name| (name, 0)).collect();
    for count in 1..=path.len() {
        let here = path.get(..count).unwrap_or_default();
        let walk = Walk::along(object, here, true).ok();
        let field = walk.as_ref().and_then(Walk::field);
        let element = || Some(walk.as_ref()?.element()?.kind);
        let kinds = field.as_ref().map(|field| (field.kind, element()));
        visit(count, &owners, kinds);
        if let Some(field) = field
            && matches!(field.kind, Kind::Reference | Kind::Resource)
        {
            owners = field.targets.iter().map(|name| (*name, count)).collect();
        }
    }
}

/// The keys of a path with dots between, without its indexes.
fn dotted(path: &[Step<'_>]) -> String {
    let keys: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Index(_) => None,
        })
        .collect();
    keys.join(".")
}

/// The same for the steps that follow others.
pub(super) fn since(path: &[Step<'_>], from: usize) -> String {
    dotted(path.get(from..).unwrap_or_default())
}
