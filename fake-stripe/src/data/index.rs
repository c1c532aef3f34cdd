//! Resource indexes: for each object name, the few values that lists filter by. They are taken out once, when an object is
//! stored.

mod paths;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value;
use stripe_sync_schema::catalogue::{self, Embedded, Recipe, Resource};
use stripe_sync_schema::fields::{self, Kind, Step};

use crate::data::unlisted;
use paths::{ALWAYS, LINKS, PATHS};

/// What the fake knows about the objects of one name.
#[derive(Debug)]
pub(crate) struct ResourceIndex {
    pub(crate) object: &'static str,
    pub(crate) resource: &'static Resource,
    pub(crate) keys: Vec<IndexKey>,
    /// How these objects name each kind of parent.
    pub(crate) parent_links: Vec<ParentLink>,
    /// The objects that show these inline, and where.
    pub(crate) holders: Vec<(&'static Resource, &'static Embedded)>,
}

/// How a child names its parent.
#[derive(Debug)]
pub(crate) struct ParentLink {
    pub(crate) parent: &'static str,
    /// The member that holds the parent's id, if there is one.
    pub(crate) field: Option<&'static str>,
    /// Whether that member is a plain text to the schema, which does not know that it is an id.
    pub(crate) text: bool,
    /// Whether walking the children means walking such parents.
    pub(crate) walked: bool,
    /// The index key of that member, or [`PARENT`].
    key: u8,
}

/// A value that a list filters by.
#[derive(Debug)]
pub(crate) struct IndexKey {
    /// The parameter: `customer`, `owner[type]`, `types[]`.
    pub(crate) name: String,
    source: Source,
    /// Whether the collection finds objects by it: for ids, which pick few of many objects.
    pub(crate) indexed: bool,
}

#[derive(Debug)]
enum Source {
    /// Member names; `[]` steps into every element.
    Path(Vec<String>),
    /// "true" if the member is null or absent.
    IsNull(&'static str),
    /// "true" if the member has this value.
    Is(&'static str, &'static str),
}

/// The index key of an event with the name of the object that it carries. It is no parameter.
pub(crate) const EVENT_OBJECT: &str = "@object";

/// What the index key of a link begins with. It is no parameter.
pub(crate) const LINK: &str = "@";

/// The number of the index key that is the parent of a record, which no member names.
pub(crate) const PARENT: u8 = u8::MAX;

/// The index key of a child that names its parent in no member.
pub(crate) const PARENT_KEY: &str = "@parent";

/// The indexes of all objects in the catalogue.
static INDEXES: LazyLock<HashMap<&'static str, ResourceIndex>> = LazyLock::new(|| {
    catalogue::resources()
        .iter()
        .chain(unlisted::resources())
        .map(|resource| (resource.object, ResourceIndex::of(resource)))
        .collect()
});

/// The index of an object name.
pub(crate) fn resource_index(object: &str) -> Option<&'static ResourceIndex> {
    INDEXES.get(object)
}

impl ResourceIndex {
    fn of(resource: &'static Resource) -> Self {
        let object = resource.object;
        let mut keys = Vec::new();
        let mut seen = HashSet::new();
        let filters = resource
            .list
            .iter()
            .chain(&resource.nested)
            .flat_map(|list| &list.filters)
            .map(|filter| filter.base());
        for name in filters.chain(ALWAYS).filter(|name| seen.insert(*name)) {
            match (object, name) {
                ("invoiceitem", "pending") => {
                    keys.push(IndexKey::new("pending", Source::IsNull("invoice"), false))
                }
                ("event", "delivery_success") => keys.push(IndexKey::new(
                    "delivery_success",
                    Source::Is("pending_webhooks", "0"),
                    false,
                )),
                ("entitlements.feature", "archived") => keys.push(IndexKey::new(
                    "archived",
                    Source::Is("active", "false"),
                    false,
                )),
                ("subscription_schedule", "scheduled") => keys.push(IndexKey::new(
                    "scheduled",
                    Source::Is("status", "not_started"),
                    false,
                )),
                _ => match PATHS
                    .iter()
                    .find(|entry| (entry.0, entry.1) == (object, name))
                {
                    Some((_, _, path, indexed)) => {
                        keys.push(IndexKey::new(name, Source::path(path), *indexed));
                    }
                    None => members(object, name, &mut keys),
                },
            }
        }
        let mut parent_links = parent_links(resource);
        for link in &mut parent_links {
            let Some(name) = link.field else { continue };
            if seen.insert(name) {
                keys.push(IndexKey::new(name, Source::path(name), true));
            }
            if let Some(at) = keys.iter().position(|key| key.name == name) {
                keys[at].indexed = true;
                link.key = u8::try_from(at).unwrap_or(PARENT);
            }
        }
        if object == "event" {
            keys.push(IndexKey::new(
                EVENT_OBJECT,
                Source::path("data.object.object"),
                false,
            ));
        }
        for (_, path) in LINKS.iter().filter(|(of, _)| *of == object) {
            keys.push(IndexKey::new(
                &format!("{LINK}{path}"),
                Source::path(path),
                true,
            ));
        }
        Self {
            object,
            resource,
            keys,
            parent_links,
            holders: embedding(object)
                .filter(|(_, embedded)| embedded.inline)
                .collect(),
        }
    }

    /// The index key of the parents of this name.
    pub(crate) fn parent_key(&self, parent: &str) -> u8 {
        let link = self.parent_links.iter().find(|link| link.parent == parent);
        link.map_or(PARENT, |link| link.key)
    }

    /// The member that holds the id of a parent of this name.
    pub(crate) fn parent_member(&self, parent: &str) -> Option<&'static str> {
        self.parent_links
            .iter()
            .find(|link| link.parent == parent)?
            .field
    }

    /// The number of the index key with this name.
    pub(crate) fn key(&self, name: &str) -> Option<u8> {
        if name == PARENT_KEY {
            return Some(PARENT);
        }
        self.keys
            .iter()
            .position(|key| key.name == name)
            .and_then(|at| u8::try_from(at).ok())
    }

    /// Whether a collection finds objects by this key.
    pub(crate) fn is_indexed(&self, key: u8) -> bool {
        let key_of = self.keys.get(usize::from(key));
        key == PARENT || key_of.is_some_and(|key| key.indexed)
    }

    /// The values that an object has for the index keys.
    pub(crate) fn values_of(&self, value: &Value) -> Box<[(u8, Box<str>)]> {
        let mut found = Vec::new();
        for (number, key) in (0_u8..).zip(&self.keys) {
            key.source
                .visit(value, &mut |text| found.push((number, text.into())));
        }
        found.into_boxed_slice()
    }
}

/// The index keys of a top-level member: itself, or the members of an object (`owner[type]`).
fn members(object: &'static str, name: &'static str, keys: &mut Vec<IndexKey>) {
    let Ok(field) = fields::resolve(object, &[Step::Key(name)]) else {
        return;
    };
    if field.kind != Kind::Object {
        keys.push(IndexKey::new(
            name,
            Source::path(name),
            field.kind == Kind::Reference,
        ));
        return;
    }
    for member in fields::children(object, &[Step::Key(name)]) {
        if !matches!(
            member.kind,
            Kind::Object | Kind::Array | Kind::Map | Kind::List
        ) {
            let source = Source::Path(vec![name.to_owned(), member.name.to_owned()]);
            keys.push(IndexKey::new(
                &format!("{name}[{}]", member.name),
                source,
                member.kind == Kind::Reference,
            ));
        }
    }
}

/// The objects that hold a list of this object.
fn embedding(object: &'static str) -> impl Iterator<Item = (&'static Resource, &'static Embedded)> {
    let lists = catalogue::resources().iter().flat_map(|holder| {
        holder
            .embedded
            .iter()
            .map(move |embedded| (holder, embedded))
    });
    lists.filter(move |(_, embedded)| embedded.items.contains(&object))
}

/// The links to all parents that the catalogue names.
fn parent_links(resource: &'static Resource) -> Vec<ParentLink> {
    let walked: Vec<&'static str> = resource.recipes.iter().filter_map(parent_of).collect();
    let nested = resource.nested.iter().filter_map(|list| list.parent);
    let holders = embedding(resource.object).map(|(holder, _)| holder.object);
    let mut parents: Vec<&'static str> = nested
        .chain(holders)
        .chain(walked.iter().copied())
        .collect();
    parents.sort_unstable();
    parents.dedup();
    let members = fields::children(resource.object, &[]);
    let link = |parent: &'static str| {
        // A fee refund says `fee`; everyone else says the last word of the parent's name.
        let last = parent.rsplit('.').next().unwrap_or(parent);
        let wanted = if parent == "application_fee" {
            "fee"
        } else {
            last
        };
        let ids = [Kind::Reference, Kind::Text];
        let field = members
            .iter()
            .find(|field| field.name == wanted && ids.contains(&field.kind));
        ParentLink {
            parent,
            field: field.map(|field| field.name),
            text: field.is_some_and(|field| field.kind == Kind::Text),
            walked: walked.contains(&parent),
            key: PARENT,
        }
    };
    parents.into_iter().map(link).collect()
}

fn parent_of(recipe: &Recipe) -> Option<&'static str> {
    match recipe {
        Recipe::PerParent { parent, .. } => Some(parent),
        _ => None,
    }
}

impl IndexKey {
    fn new(name: &str, source: Source, indexed: bool) -> Self {
        Self {
            name: name.to_owned(),
            source,
            indexed,
        }
    }
}

impl Source {
    fn path(path: &str) -> Self {
        Self::Path(path.split('.').map(str::to_owned).collect())
    }

    fn visit(&self, value: &Value, found: &mut dyn FnMut(&str)) {
        match self {
            Self::Path(path) => walk(value, path, found),
            Self::IsNull(name) => found(if value.get(*name).is_none_or(Value::is_null) {
                "true"
            } else {
                "false"
            }),
            Self::Is(name, wanted) => {
                let mut is = "false";
                scalar(value.get(*name), &mut |text| {
                    is = if text == *wanted { "true" } else { "false" }
                });
                found(is);
            }
        }
    }
}

fn walk(value: &Value, path: &[String], found: &mut dyn FnMut(&str)) {
    match path.split_first() {
        None => scalar(Some(value), found),
        Some((step, rest)) if step == "[]" => value
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|item| walk(item, rest, found)),
        Some((step, rest)) => {
            if let Some(member) = value.get(step) {
                walk(member, rest, found);
            }
        }
    }
}

/// The text that a parameter would have for this value; an expanded object counts as its id.
fn scalar(value: Option<&Value>, found: &mut dyn FnMut(&str)) {
    match value {
        Some(Value::String(text)) => found(text),
        Some(Value::Bool(true)) => found("true"),
        Some(Value::Bool(false)) => found("false"),
        Some(Value::Number(number)) => found(&number.to_string()),
        Some(Value::Object(members)) => {
            if let Some(Value::String(id)) = members.get("id") {
                found(id);
            }
        }
        _ => {}
    }
}
