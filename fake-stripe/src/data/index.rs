//! Facets: the few values of an object that lists filter by, taken out once when the object is stored.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value;
use stripe_sync_schema::catalogue::{self, Embedded, Recipe, Resource};
use stripe_sync_schema::fields::{self, Kind, Step};

use super::shelf::PARENT;

/// What the fake knows about the objects of one name.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) object: &'static str,
    pub(super) resource: &'static Resource,
    pub(super) facets: Vec<Facet>,
    /// What ties these objects to each kind of parent.
    pub(super) ties: Vec<Tie>,
    /// The objects that show these inline, and where.
    pub(super) holders: Vec<(&'static Resource, &'static Embedded)>,
}

/// What ties a child to its parent.
#[derive(Debug)]
pub(super) struct Tie {
    pub(super) parent: &'static str,
    /// The member that holds the parent's id, if there is one.
    pub(super) field: Option<&'static str>,
    /// Whether that member is a plain text to the schema, which does not know that it is an id.
    pub(super) text: bool,
    /// Whether walking the children means walking such parents.
    pub(super) walked: bool,
    /// The facet of that member, or [`PARENT`].
    facet: u8,
}

/// A value that a list filters by.
#[derive(Debug)]
pub(super) struct Facet {
    /// The parameter: `customer`, `owner[type]`, `types[]`.
    pub(super) name: String,
    source: Source,
    /// Whether the shelf keeps an index of it: for ids, which pick few of many objects.
    pub(super) indexed: bool,
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

/// Parameters whose value is not the member of the same name: (object, parameter, path, indexed).
const PATHS: &[(&str, &str, &str, bool)] = &[
    ("subscription", "price", "items.data.[].price.id", true),
    ("subscription", "plan", "items.data.[].plan.id", true),
    (
        "subscription",
        "current_period_start",
        "items.data.[].current_period_start",
        false,
    ),
    (
        "subscription",
        "current_period_end",
        "items.data.[].current_period_end",
        false,
    ),
    (
        "invoice",
        "subscription",
        "parent.subscription_details.subscription",
        true,
    ),
    ("promotion_code", "coupon", "promotion.coupon", true),
    ("price", "lookup_keys", "lookup_key", false),
    (
        "issuing.personalization_design",
        "lookup_keys",
        "lookup_key",
        false,
    ),
    ("product", "ids", "id", true),
    ("event", "types", "type", false),
    ("product_catalog.trial_offer", "prices", "price", true),
];

/// Members that hide objects or tie them to a parent, kept whether or not a list has them as a filter.
const ALWAYS: [&str; 7] = [
    "status",
    "active",
    "test_clock",
    "customer",
    "type",
    "owner",
    "account",
];

/// The facet of an event with the name of the object that it carries. It is no parameter.
pub(super) const EVENT_OBJECT: &str = "@object";

/// The facet of a child that no member ties to its parent.
pub(super) const PARENT_FACET: &str = "@parent";

/// The specs of all objects in the catalogue.
static SPECS: LazyLock<HashMap<&'static str, Spec>> = LazyLock::new(|| {
    catalogue::resources()
        .iter()
        .map(|resource| (resource.object, Spec::of(resource)))
        .collect()
});

/// The spec of an object name.
pub(super) fn spec(object: &str) -> Option<&'static Spec> {
    SPECS.get(object)
}

impl Spec {
    fn of(resource: &'static Resource) -> Self {
        let object = resource.object;
        let mut facets = Vec::new();
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
                    facets.push(Facet::new("pending", Source::IsNull("invoice"), false))
                }
                ("event", "delivery_success") => facets.push(Facet::new(
                    "delivery_success",
                    Source::Is("pending_webhooks", "0"),
                    false,
                )),
                ("entitlements.feature", "archived") => {
                    facets.push(Facet::new("archived", Source::Is("active", "false"), false))
                }
                ("subscription_schedule", "scheduled") => facets.push(Facet::new(
                    "scheduled",
                    Source::Is("status", "not_started"),
                    false,
                )),
                _ => match PATHS
                    .iter()
                    .find(|entry| (entry.0, entry.1) == (object, name))
                {
                    Some((_, _, path, indexed)) => {
                        facets.push(Facet::new(name, Source::path(path), *indexed));
                    }
                    None => members(object, name, &mut facets),
                },
            }
        }
        let mut ties = ties(resource);
        for tie in &mut ties {
            let Some(name) = tie.field else { continue };
            if seen.insert(name) {
                facets.push(Facet::new(name, Source::path(name), true));
            }
            if let Some(at) = facets.iter().position(|facet| facet.name == name) {
                facets[at].indexed = true;
                tie.facet = u8::try_from(at).unwrap_or(PARENT);
            }
        }
        if object == "event" {
            facets.push(Facet::new(
                EVENT_OBJECT,
                Source::path("data.object.object"),
                false,
            ));
        }
        Self {
            object,
            resource,
            facets,
            ties,
            holders: embedding(object)
                .filter(|(_, embedded)| embedded.inline)
                .collect(),
        }
    }

    /// The facet that ties these objects to a parent of this name.
    pub(super) fn tie(&self, parent: &str) -> u8 {
        let tie = self.ties.iter().find(|tie| tie.parent == parent);
        tie.map_or(PARENT, |tie| tie.facet)
    }

    /// The member that holds the id of a parent of this name.
    pub(super) fn link(&self, parent: &str) -> Option<&'static str> {
        self.ties.iter().find(|tie| tie.parent == parent)?.field
    }

    /// The number of the facet with this name.
    pub(super) fn facet(&self, name: &str) -> Option<u8> {
        if name == PARENT_FACET {
            return Some(PARENT);
        }
        self.facets
            .iter()
            .position(|facet| facet.name == name)
            .and_then(|at| u8::try_from(at).ok())
    }

    /// All facets of an object.
    pub(super) fn facets_of(&self, value: &Value) -> Box<[(u8, Box<str>)]> {
        let mut found = Vec::new();
        for (number, facet) in (0_u8..).zip(&self.facets) {
            facet
                .source
                .visit(value, &mut |text| found.push((number, text.into())));
        }
        found.into_boxed_slice()
    }
}

/// The facets of a top-level member: itself, or the members of an object (`owner[type]`).
fn members(object: &'static str, name: &'static str, facets: &mut Vec<Facet>) {
    let Ok(field) = fields::resolve(object, &[Step::Key(name)]) else {
        return;
    };
    if field.kind != Kind::Object {
        facets.push(Facet::new(
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
            facets.push(Facet::new(
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

/// The ties to all parents that the catalogue names.
fn ties(resource: &'static Resource) -> Vec<Tie> {
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
    let tie = |parent: &'static str| {
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
        Tie {
            parent,
            field: field.map(|field| field.name),
            text: field.is_some_and(|field| field.kind == Kind::Text),
            walked: walked.contains(&parent),
            facet: PARENT,
        }
    };
    parents.into_iter().map(tie).collect()
}

fn parent_of(recipe: &Recipe) -> Option<&'static str> {
    match recipe {
        Recipe::PerParent { parent, .. } => Some(parent),
        _ => None,
    }
}

impl Facet {
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
