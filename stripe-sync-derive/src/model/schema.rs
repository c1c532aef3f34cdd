//! What Stripe's schema says of a field's paths.

use stripe_sync_schema::fields::Expansion;
use stripe_sync_schema::{Kind, PathError, Resolved, fields};

use crate::path::Path;

/// What the schema says of a path.
pub(crate) enum Schema {
    /// Nothing: the field has no path, has another mistake, or is unchecked and really not in the schema.
    Unasked,
    Known(Resolved),
    Wrong(PathError),
    /// The path exists, and nobody asks Stripe for this part of it.
    Unexpanded(Expansion),
}

/// How the paths of a field are looked up.
pub(super) struct LookUp<'f> {
    pub(super) object: &'f str,
    pub(super) unchecked: bool,
    /// Whether the field asks for what its paths need, and for whole objects at their ends.
    pub(super) whole: bool,
    /// What the struct asks for.
    pub(super) expanded: &'f [Path],
}

impl LookUp<'_> {
    /// What the schema says of a path, and what requests have to name in `expand`.
    pub(super) fn schema(&self, path: &Path) -> (Schema, Vec<Expansion>) {
        let steps = path.steps();
        let expansions = fields::expansions(self.object, &steps, self.whole);
        let found = match fields::resolve_expanded(self.object, &steps) {
            // In an object that is open everything exists, as any JSON.
            Ok(found) if self.unchecked && found.kind == Kind::Json => Schema::Unasked,
            Ok(mut found) => {
                if self.whole && found.kind == Kind::Reference {
                    found.kind = Kind::Resource;
                }
                Schema::Known(found)
            }
            Err(_) if self.unchecked => Schema::Unasked,
            Err(error) => Schema::Wrong(match fields::resolve(self.object, &steps) {
                // What one of several objects has is in a struct of its own.
                Err(several @ PathError::ThroughReference { .. }) if several.is_of_several() => {
                    several
                }
                _ => error,
            }),
        };
        let is_asked_for = |one: &&Expansion| {
            let mut expanded = self.expanded.iter();
            self.whole || expanded.any(|path| path.leads_through(&one.path))
        };
        let unexpanded = expansions.iter().find(|one| !is_asked_for(one));
        let schema = match (found, unexpanded) {
            (Schema::Known(_) | Schema::Unasked, Some(one)) => Schema::Unexpanded(one.clone()),
            (found, _) => found,
        };
        (schema, expansions)
    }
}
