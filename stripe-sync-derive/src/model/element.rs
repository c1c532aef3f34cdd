//! Models of what has no id: the elements of an array inside the objects of a resource.

use stripe_sync_schema::{Kind, Resource, Step, fields};

/// An array whose elements a struct mirrors: `price.tiers`.
pub(crate) struct Element {
    /// The resource in whose objects the array stands.
    pub(crate) parent: &'static Resource,
}

impl Element {
    /// The array that an `object` names; `None` if no array of objects stands there.
    pub(super) fn of(object: &str) -> Option<Self> {
        let (parent, _) = fields::inside(object)?;
        fields::resolve(object, &[]).ok()?;
        Some(Self { parent })
    }
}

/// What stands in a list or an array inside an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Objects of these resources, in a list.
    List(Vec<&'static str>),
    /// Objects of these resources, in an array.
    Array(Vec<&'static str>),
    /// Objects without an `object` of their own, in an array.
    Plain,
    /// Ids of objects.
    Ids(Vec<&'static str>),
    /// Values of this kind.
    Values(Kind),
}

impl Listed {
    /// What stands at a path; `None` if that is neither a list nor an array.
    pub(crate) fn at(object: &str, steps: &[Step<'_>]) -> Option<Self> {
        let found = fields::resolve_expanded(object, steps).ok()?;
        if found.kind == Kind::List {
            return Some(Self::List(found.targets));
        }
        let element = (found.kind == Kind::Array).then(|| fields::element(object, steps))??;
        Some(match element.kind {
            Kind::Resource => Self::Array(element.targets),
            Kind::Object => Self::Plain,
            Kind::Reference => Self::Ids(element.targets),
            kind => Self::Values(kind),
        })
    }

    /// The objects that a struct of its elements can mirror, where the array or list stands at `path` of `object`. Those in an
    /// array that do not name the object may stand in many: a tax rate has no parent.
    pub(crate) fn objects(&self, object: &str, path: &str) -> Vec<String> {
        let (targets, has_elements): (&[&'static str], bool) = match self {
            Self::List(targets) => (targets, false),
            Self::Array(targets) => (targets, true),
            Self::Plain => (&[], true),
            Self::Ids(_) | Self::Values(_) => (&[], false),
        };
        let is_of_parent = |target: &&&str| !has_elements || names(target, object).is_some();
        let targets = targets.iter().filter(is_of_parent);
        let targets = targets.map(|name| (*name).to_owned());
        let inside = has_elements.then(|| format!("{object}.{path}"));
        targets.chain(inside).collect()
    }
}

/// The name that a field for the id of an object would have.
pub(crate) fn field_name(object: &str) -> String {
    object.replace('.', "_")
}

/// The member of an object with the id of a parent, and whether it says that the parent is one; `None` if it has none.
pub(crate) fn names(object: &str, parent: &str) -> Option<(&'static str, bool)> {
    let own = parent.rsplit('.').next();
    let members = fields::children(object, &[]).into_iter();
    let members = members.filter_map(|member| match member.kind {
        Kind::Reference if member.targets == [parent] => Some((0, member.name, true)),
        Kind::Text if member.values.is_empty() && member.name == parent => {
            Some((1, member.name, true))
        }
        Kind::Reference if member.targets.contains(&parent) => Some((2, member.name, false)),
        Kind::Text if member.values.is_empty() && Some(member.name) == own => {
            Some((3, member.name, false))
        }
        _ => None,
    });
    let best = members.min_by_key(|(order, ..)| *order);
    best.map(|(_, name, says_it)| (name, says_it))
}

#[cfg(test)]
mod tests {
    use stripe_sync_schema::Step;

    use super::{Listed, names};

    fn objects(object: &str, path: &str) -> Vec<String> {
        let steps: Vec<Step<'_>> = path.split('.').map(Step::Key).collect();
        Listed::at(object, &steps).unwrap().objects(object, path)
    }

    #[test]
    fn a_struct_mirrors_what_stands_in_the_list() {
        assert_eq!(objects("subscription", "items"), ["subscription_item"]);
        assert_eq!(objects("price", "tiers"), ["price.tiers"]);
        assert!(objects("subscription", "discounts").is_empty());
        let both = ["balance_transaction", "dispute.balance_transactions"];
        assert_eq!(objects("dispute", "balance_transactions"), both);
        // One tax rate is that of many invoices.
        let rates = ["invoice.default_tax_rates"];
        assert_eq!(objects("invoice", "default_tax_rates"), rates);
    }

    #[test]
    fn the_member_of_a_parent_is_found() {
        let text = |object, parent| names(object, parent);
        assert_eq!(text("refund", "charge"), Some(("charge", true)));
        assert_eq!(text("line_item", "invoice"), Some(("invoice", true)));
        assert_eq!(text("fee_refund", "application_fee"), Some(("fee", true)));
        let source = Some(("source", false));
        assert_eq!(text("balance_transaction", "dispute"), source);
        let list = Some(("value_list", false));
        assert_eq!(text("radar.value_list_item", "radar.value_list"), list);
        assert_eq!(text("item", "checkout.session"), None);
    }
}
