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

    /// The objects that a struct of its elements can mirror, where the array or list stands at `path` of `object`.
    pub(crate) fn objects(&self, object: &str, path: &str) -> Vec<String> {
        let inside = format!("{object}.{path}");
        let (targets, has_elements): (&[&'static str], bool) = match self {
            Self::List(targets) => (targets, false),
            Self::Array(targets) => (targets, true),
            Self::Plain => (&[], true),
            Self::Ids(_) | Self::Values(_) => (&[], false),
        };
        let targets = targets.iter().map(|name| (*name).to_owned());
        targets.chain(has_elements.then_some(inside)).collect()
    }
}
