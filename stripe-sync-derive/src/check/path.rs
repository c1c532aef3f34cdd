//! Paths: each has to lead to a value of the object. The error stands at the segment that goes wrong.

use proc_macro2::Span;
use stripe_sync_schema::fields::{self, Move, Now};
use stripe_sync_schema::{PathError, Step, catalogue, nearest};

use super::container::either;
use super::own_column;
use super::value::describe;
use crate::ctxt::Ctxt;
use crate::model::{Field, Model, Role, Schema};
use crate::path::{Path, Place};

/// Beyond this many names, a list of them helps nobody.
const MOST_NAMES: usize = 40;

/// The field's path exists.
pub(super) fn leads_somewhere(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) {
    // Elements have no key of this kind, which another rule says.
    if field.role == Role::Id && model.element.is_some() {
        return;
    }
    let own = field.path.iter().map(|path| (path, &field.schema, false));
    let members = field.members.iter();
    let members = members.map(|member| (&member.path, &member.schema, true));
    for (path, schema, is_member) in own.chain(members) {
        if let Schema::Wrong(error) = schema {
            let wrong = Wrong {
                model,
                field,
                path,
                is_member: is_member || field.names_members(),
            };
            let (at, message) = wrong.explain(error);
            // In `with(...)` a path stands by itself.
            let message = match wrong.is_member && !message.contains("#[stripe(") {
                true => message.replace("`path = ", "`"),
                false => message,
            };
            cx.error(wrong.span(at), message);
        }
    }
}

/// A path that leads nowhere.
struct Wrong<'a> {
    model: &'a Model<'a>,
    field: &'a Field<'a>,
    path: &'a Path,
    /// Whether it is one of `with(...)`.
    is_member: bool,
}

impl Wrong<'_> {
    fn span(&self, at: usize) -> Span {
        self.path
            .segments
            .get(at)
            .or(self.path.segments.last())
            .map_or(self.field.ident.span(), |segment| segment.span)
    }

    /// The path up to and with the step `at`.
    fn until(&self, at: usize) -> Path {
        self.path.until(at + 1)
    }

    /// The path after the step `at`, with the dot that it begins with.
    fn after(&self, at: usize) -> (String, bool) {
        let rest = Path {
            segments: self.path.segments.iter().skip(at + 1).cloned().collect(),
        };
        let index =
            matches!(rest.segments.first(), Some(first) if matches!(first.step, Place::Index(_)));
        let text = rest.to_string();
        let dot = if index || text.is_empty() { "" } else { "." };
        (format!("{dot}{text}"), index)
    }

    /// The step to underline, and what is wrong with it.
    fn explain(&self, error: &PathError) -> (usize, String) {
        match error {
            PathError::UnknownKey {
                at,
                parent,
                suggestions,
                moved,
                siblings,
                ..
            } => {
                let message = match moved {
                    Some(moved) => self.moved(moved),
                    None => self.unknown_key(*at, parent, suggestions, siblings),
                };
                (*at, message)
            }
            PathError::ThroughReference { at, targets } => {
                (*at, self.through_reference(*at, targets))
            }
            PathError::ThroughArray { at } => {
                let (array, (rest, _)) = (self.until(*at), self.after(*at));
                let message = format!(
                    "`{array}` is an array: say which element, `path = {array}[0]{rest}`, or keep it whole with `path = {array}`"
                );
                (*at, message)
            }
            PathError::ThroughList { at } if self.is_key(at + 1, "total_count") => {
                let path = self.until(at + 1);
                let message = format!(
                    "Stripe sends `{path}` without documenting it, so the schema does not have it: write #[stripe(path = {path}, unchecked)]"
                );
                (at + 1, message)
            }
            PathError::ThroughList { at } => {
                let (list, (rest, index)) = (self.until(*at), self.after(*at));
                let element = if index { "" } else { "[0]" };
                let message = format!(
                    "`{list}` is a list, whose elements are in its `data`: say which, `path = {list}.data{element}{rest}`, or keep it whole with `path = {list}`"
                );
                (*at, message)
            }
            PathError::ThroughMap { at } => {
                let (map, entry) = (self.until(*at), self.until(at + 1));
                let message = format!(
                    "`{map}` is a map from keys to values, and there is nothing below a value: end the path at the key, `path = {entry}`"
                );
                (at + 2, message)
            }
            PathError::NotAnObject { at, kind } => {
                let value = self.until(*at);
                let message = format!(
                    "`{value}` is {} and has no fields: end the path there, `path = {value}`",
                    describe(*kind)
                );
                (at + 1, message)
            }
            PathError::IndexWithoutArray { at, kind } => {
                let value = self.path.until(*at);
                let message = format!(
                    "`{value}` is {}, not an array: take the index away",
                    describe(*kind)
                );
                (*at, message)
            }
            other => (0, other.to_string()),
        }
    }

    fn through_reference(&self, at: usize, targets: &[&str]) -> String {
        let reference = self.until(at);
        let (rest, _) = self.after(at);
        if rest == ".id" {
            return format!("`{reference}` is the id already: write `path = {reference}`");
        }
        let rest = rest.trim_start_matches('.');
        let mirrored = |target: &&&str| catalogue::resource(target).is_some();
        let models: Vec<&str> = targets.iter().filter(mirrored).copied().collect();
        let read = match models.as_slice() {
            [] => String::new(),
            [only] => format!(", and read `{rest}` from a struct with `object = \"{only}\"`"),
            _ => format!(
                ", and read `{rest}` from structs of their own, with `object` {}",
                either(&models)
            ),
        };
        let target = match targets {
            [only] => format!("a `{only}`"),
            _ => "another object".to_owned(),
        };
        format!(
            "`{reference}` is the id of {target}, where a path ends: write `path = {reference}`{read}"
        )
    }

    fn is_key(&self, at: usize, name: &str) -> bool {
        let segment = self.path.segments.get(at);
        segment.is_some_and(|segment| matches!(&segment.step, Place::Key(key) if key == name))
    }

    /// The rest of a path that begins with the object's own name.
    fn after_the_object(&self, at: usize, key: &str) -> Option<Path> {
        let object = &self.model.object;
        let own = object.rsplit('.').next() == Some(key) || object == key;
        let rest = Path {
            segments: self.path.segments.iter().skip(1).cloned().collect(),
        };
        let leads = !rest.segments.is_empty() && fields::resolve(object, &rest.steps()).is_ok();
        (at == 0 && own && leads).then_some(rest)
    }

    fn moved(&self, moved: &Move) -> String {
        let Move {
            object,
            member,
            since,
            now,
            ..
        } = moved;
        let wrong = match since {
            Some(since) => format!("Stripe's API {since} took `{member}` out of `{object}`"),
            None => format!("`{object}` has no field `{}`", self.path.until(1)),
        };
        match now {
            Now::Path(path) => format!("{wrong}; write {}", self.attribute(&self.with_rest(path))),
            Now::Words(words) => format!("{wrong}: {words}"),
            _ => wrong,
        }
    }

    /// The place of a moved member with the rest of this path, if that leads somewhere.
    fn with_rest(&self, path: &str) -> String {
        let (rest, _) = self.after(0);
        let base = path.strip_suffix(".id").unwrap_or(path);
        let exists = |path: &String| {
            Path::of_text(path)
                .is_some_and(|path| fields::resolve(&self.model.object, &path.steps()).is_ok())
        };
        let mut both = [path, base].into_iter().map(|path| format!("{path}{rest}"));
        both.find(exists).unwrap_or_else(|| path.to_owned())
    }

    /// Whether the path is written, and not only the field's name.
    fn is_explicit(&self) -> bool {
        self.field.attrs.path.is_set() || self.is_member
    }

    /// A path as the field has to name it.
    fn attribute(&self, path: &str) -> String {
        match self.is_explicit() {
            true => format!("`path = {path}`"),
            false if self.is_list() => format!("#[stripe(children, path = {path})]"),
            false => format!("#[stripe(path = {path})]"),
        }
    }

    /// Whether the field is for the rows of a list.
    fn is_list(&self) -> bool {
        self.field.role == Role::Children
    }

    fn unknown_key(
        &self,
        at: usize,
        parent: &str,
        suggestions: &[String],
        siblings: &[&str],
    ) -> String {
        let explicit = self.is_explicit();
        let key = match self.path.segments.get(at).map(|segment| &segment.step) {
            Some(Place::Key(key)) => key.clone(),
            _ => self.path.to_string(),
        };
        let owner = if parent.is_empty() {
            format!("`{}`", self.model.object)
        } else {
            format!("`{parent}` of `{}`", self.model.object)
        };
        let wrong = format!("{owner} has no field `{key}`");
        if self.model.element.is_some() && at == 0 && key == "id" {
            return format!(
                "{wrong}: elements are known by their parent and their place, take the field away"
            );
        }
        let own = own_column::attribute(self.field).filter(|_| !self.is_member && !self.is_list());
        if let Some(attribute) = own {
            return format!("{wrong}: {attribute}");
        }
        if let Some(rest) = self.after_the_object(at, &key) {
            return format!("{wrong}: a path begins inside the object, write `path = {rest}`");
        }
        if at == 0 && own_column::is_id(self.model, &key) {
            return format!("{wrong}: mark the field of the object's id with #[stripe(id)]");
        }
        if !suggestions.is_empty() {
            // Names beside the key, or whole paths to places elsewhere.
            let is_beside = |name: &str| siblings.contains(&name);
            let named = |name: &String| match explicit {
                // In the place of the key: what stands before it is right.
                true if is_beside(name) => format!("`{name}`"),
                // A typing error; another name may be what the column is to be called.
                false if is_beside(name) && !nearest(&key, [&**name]).is_empty() => {
                    // A keyword is a field's name only in its raw form.
                    match syn::parse_str::<syn::Ident>(name) {
                        Ok(_) => format!("`{name}`"),
                        Err(_) => format!("`r#{name}`"),
                    }
                }
                true => self.attribute(name),
                false => format!("`{}`", self.attribute(name)),
            };
            let all: Vec<String> = suggestions.iter().map(named).collect();
            return format!("{wrong}; did you mean {}?", all.join(" or "));
        }
        if self.is_list() {
            let lists = super::children::lists(&self.model.object);
            return format!(
                "{wrong}: name the place of the list, {}{lists}",
                self.attribute("...")
            );
        }
        if explicit && !siblings.is_empty() && siblings.len() <= MOST_NAMES {
            return format!("{wrong}; there are: {}", siblings.join(", "));
        }
        if explicit {
            return format!(
                "{wrong}; a field that this version of Stripe's API does not have takes `unchecked`"
            );
        }
        let metadata = || fields::resolve(&self.model.object, &[Step::Key("metadata")]).is_ok();
        let place = match key.strip_prefix("metadata_") {
            Some(rest) if metadata() => {
                return format!("{wrong}; did you mean `#[stripe(path = metadata.{rest})]`?");
            }
            None if metadata() => format!(", as in #[stripe(path = metadata.{key})]"),
            _ => " with #[stripe(path = ...)]".to_owned(),
        };
        format!(
            "{wrong}: name the place of the value{place}, or mark a column of your own with #[stripe(local)]"
        )
    }
}
