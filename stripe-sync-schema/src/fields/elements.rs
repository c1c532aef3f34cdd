//! Elements of arrays inside an object, which have a name of their own: `price.tiers`.

use super::tree::{self, Members};
use super::walk::{ELEMENT, Walk};
use super::{Kind, Step};
use crate::catalogue::{self, Resource};

/// The resource and the path in a name such as `price.tiers` or `checkout.session.shipping_options`. `None` for the name of an
/// object, and where no beginning of the name is a resource. Whether the path leads to an array is not looked up.
#[must_use]
pub fn inside(object: &str) -> Option<(&'static Resource, &str)> {
    if tree::name(object).is_some() {
        return None;
    }
    // The longest beginning: `checkout.session` and not `checkout`.
    let dots = object.rmatch_indices('.');
    let mut parts = dots.filter_map(|(dot, _)| Some((object.get(..dot)?, object.get(dot + 1..)?)));
    parts.find_map(|(parent, path)| Some((catalogue::resource(parent)?, path)))
}

/// A list or an array of objects that stands in an object.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner {
    /// Where it stands, with dots between the keys: `items`, `computed.upfront.line_items`.
    pub path: String,
    /// Whether it is a list object, and not an array.
    pub is_list: bool,
    /// The resources whose objects stand in it; empty if its elements are no objects of a resource.
    pub targets: Vec<&'static str>,
}

/// The lists and arrays of objects in an object, without those in other lists, arrays and resources that stand in it.
#[must_use]
pub fn inner(object: &str) -> Vec<Inner> {
    let mut found = Vec::new();
    if let [members] = Members::of_object(object).as_slice() {
        collect(*members, "", &mut found);
    }
    found
}

/// Objects in objects deeper than this are nobody's lists.
const MOST_KEYS: usize = 4;

fn collect(members: Members, before: &str, found: &mut Vec<Inner>) {
    for node in members.iter() {
        let name = node.line.name;
        let path = match before {
            "" => name.to_owned(),
            before => format!("{before}.{name}"),
        };
        let element = || {
            let element = node.below().find(ELEMENT)?.line;
            matches!(element.kind, Kind::Object | Kind::Resource).then_some(element)
        };
        let targets = match node.line.kind {
            Kind::List => Some(node.line.targets().collect()),
            Kind::Array => element().map(|element| element.targets().collect()),
            _ => None,
        };
        if let Some(targets) = targets {
            let is_list = node.line.kind == Kind::List;
            found.push(Inner {
                path,
                is_list,
                targets,
            });
        } else if node.line.kind == Kind::Object && path.split('.').count() < MOST_KEYS {
            collect(node.below(), &path, found);
        }
    }
}

/// The keys of a path without indexes.
fn keys(path: &str) -> Vec<Step<'_>> {
    path.split('.').map(Step::Key).collect()
}

/// The members of the elements of an array that a name such as `price.tiers` means: of each resource that an element can be.
pub(super) fn members(object: &str) -> Vec<Members> {
    let members = inside(object).and_then(|(parent, path)| {
        let walk = Walk::along(parent.object, &keys(path), false).ok()?;
        Some(walk.members_of_elements())
    });
    members.unwrap_or_default()
}

/// The objects whose members a path of an object begins with: the object itself, or those that an element can be.
pub(super) fn owners(object: &str) -> Vec<&'static str> {
    if let Some(name) = tree::name(object) {
        return vec![name];
    }
    let element = inside(object).and_then(|(parent, path)| {
        let walk = Walk::along(parent.object, &keys(path), false).ok()?;
        walk.element()
    });
    match element {
        Some(element) if element.kind == Kind::Resource => element.targets,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PathError, children, expansions, resolve, secret};
    use super::{Inner, Kind, Step, inner, inside};
    use crate::catalogue;

    #[test]
    fn a_name_is_the_longest_resource_and_a_path() {
        let split = |object| inside(object).map(|(parent, path)| (parent.object, path));
        assert_eq!(split("price.tiers"), Some(("price", "tiers")));
        assert_eq!(
            split("checkout.session.shipping_options"),
            Some(("checkout.session", "shipping_options"))
        );
        assert_eq!(
            split("account.requirements.errors"),
            Some(("account", "requirements.errors"))
        );
        for object in ["price", "checkout.session", "checkout.sesion", "tiers", ""] {
            assert_eq!(split(object), None, "{object}");
        }
    }

    #[test]
    fn paths_begin_in_the_element() {
        let up_to = resolve("price.tiers", &[Step::Key("up_to")]).unwrap();
        assert_eq!((up_to.kind, up_to.nullable), (Kind::Integer, true));
        let amount = resolve("balance_transaction.fee_details", &[Step::Key("amount")]).unwrap();
        assert_eq!((amount.kind, amount.nullable), (Kind::Amount, false));
        let names = |object| -> Vec<&str> {
            let fields = children(object, &[]);
            fields.iter().map(|field| field.name).collect()
        };
        assert!(names("price.tiers").contains(&"unit_amount"));
        assert!(names("dispute.balance_transactions").contains(&"fee_details"));
        // The list itself is the parent's to ask for.
        assert!(expansions("price.tiers", &[Step::Key("up_to")], true).is_empty());
        let fee = [Step::Key("source")];
        let asked = expansions("dispute.balance_transactions", &fee, true);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].object, "balance_transaction");
    }

    #[test]
    fn lists_and_arrays_of_objects_are_found() {
        let find = |object: &str, path: &str| inner(object).into_iter().find(|it| it.path == path);
        let list = |path: &str, target| Inner {
            path: path.to_owned(),
            is_list: true,
            targets: vec![target],
        };
        let items = list("items", "subscription_item");
        assert_eq!(find("subscription", "items"), Some(items));
        let lines = "computed.upfront.line_items";
        assert_eq!(find("quote", lines), Some(list(lines, "item")));
        let tiers = find("price", "tiers").unwrap();
        assert!(!tiers.is_list && tiers.targets.is_empty());
        let balance = find("dispute", "balance_transactions").unwrap();
        assert_eq!(balance.targets, ["balance_transaction"]);
        // Ids, texts, and what stands in a list.
        assert_eq!(find("subscription", "discounts"), None);
        assert_eq!(find("subscription", "items.data"), None);
        assert_eq!(find("account", "requirements.currently_due"), None);
        assert!(inner("cusomer").is_empty());
    }

    #[test]
    fn what_stands_in_a_list_is_a_resource() {
        let mut count = 0;
        for resource in catalogue::resources() {
            for list in inner(resource.object) {
                for target in &list.targets {
                    assert!(
                        catalogue::resource(target).is_some(),
                        "{target} in {list:?}"
                    );
                    count += 1;
                }
            }
        }
        assert!(count > 30, "{count}");
    }

    #[test]
    fn a_misspelt_member_is_suggested() {
        let error = resolve("price.tiers", &[Step::Key("upto")]).unwrap_err();
        let PathError::UnknownKey { suggestions, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(suggestions, ["up_to"]);
    }

    #[test]
    fn what_is_no_array_has_no_elements() {
        for object in [
            "price.recurring",
            "subscription.items",
            "price.nickname",
            "price.tires",
            "account.requirements.currently_due",
        ] {
            let error = resolve(object, &[]).unwrap_err();
            assert!(matches!(error, PathError::UnknownObject { .. }), "{object}");
        }
    }

    #[test]
    fn secrets_are_secret_in_elements() {
        let path = [Step::Key("client_secret")];
        assert!(secret("price.tiers", &path).is_some());
    }
}
