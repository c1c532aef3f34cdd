//! Where the id of the parent stands, and which object the parent is.

use stripe_sync_schema::{Kind, Resource, Step, catalogue, fields};

use super::{Field, Model};
use crate::path::Path;

/// The member of an object that a field without `path` reads, if there is one of its name.
pub(super) fn path(model: &Model<'_>, field: &Field<'_>) -> Option<Path> {
    // An element does not say where it stands.
    if model.element.is_some() {
        return None;
    }
    if let Some(written) = field.attrs.path.get() {
        return Some(written.clone());
    }
    fields::resolve(&model.object, &[Step::Key(&field.name)]).ok()?;
    Some(Path::of_field(field.name.clone(), field.ident.span()))
}

/// The object that a parent is, as far as the struct and the schema say.
pub(crate) enum Parent {
    Known(&'static Resource),
    /// Stripe has no resource of the name that is written.
    Unknown,
    /// Nothing says which of these it is; empty if nothing says anything.
    Unsaid(Vec<&'static str>),
}

impl Parent {
    /// The object of a field with `parent`.
    pub(super) fn of(model: &Model<'_>, field: &Field<'_>) -> Self {
        if let Some(Some(written)) = field.attrs.parent.get() {
            let named = catalogue::resource(&written.value());
            return named.map_or(Self::Unknown, Self::Known);
        }
        if let Some(element) = &model.element {
            return Self::Known(element.parent);
        }
        let (Some(path), Some(found)) = (&field.path, field.known()) else {
            return Self::Unsaid(Vec::new());
        };
        if found.kind == Kind::Reference {
            let mut targets = found.targets.clone();
            targets.retain(|target| catalogue::resource(target).is_some());
            return match targets.as_slice() {
                [only] => catalogue::resource(only).map_or(Self::Unsaid(Vec::new()), Self::Known),
                _ => Self::Unsaid(targets),
            };
        }
        let named = path.keys().last().and_then(catalogue::resource);
        named.map_or(Self::Unsaid(Vec::new()), Self::Known)
    }

    /// The resource, if it is known.
    pub(crate) fn resource(&self) -> Option<&'static Resource> {
        match self {
            Self::Known(resource) => Some(resource),
            Self::Unknown | Self::Unsaid(_) => None,
        }
    }
}
