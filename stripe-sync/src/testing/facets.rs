//! Facets: the few values of an object that lists filter by, taken out once when the object is stored.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value;
use stripe_sync_schema::catalogue::{self, Resource};
use stripe_sync_schema::fields::{self, Kind, Step};

/// What the fake knows about the objects of one name.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) object: &'static str,
    pub(super) resource: &'static Resource,
    pub(super) facets: Vec<Facet>,
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

/// Parameters whose value is not the member of the same name: (object, parameter, path).
const PATHS: &[(&str, &str, &str)] = &[
    ("subscription", "price", "items.data.[].price.id"),
    ("subscription", "plan", "items.data.[].plan.id"),
    (
        "subscription",
        "current_period_start",
        "items.data.[].current_period_start",
    ),
    (
        "subscription",
        "current_period_end",
        "items.data.[].current_period_end",
    ),
    (
        "invoice",
        "subscription",
        "parent.subscription_details.subscription",
    ),
    ("promotion_code", "coupon", "promotion.coupon"),
    ("price", "lookup_keys", "lookup_key"),
    (
        "issuing.personalization_design",
        "lookup_keys",
        "lookup_key",
    ),
    ("product", "ids", "id"),
    ("event", "types", "type"),
    ("product_catalog.trial_offer", "prices", "price"),
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
            .map(|filter| filter.name);
        for name in filters.chain(ALWAYS).filter(|name| seen.insert(*name)) {
            match (object, name) {
                ("invoiceitem", "pending") => {
                    facets.push(Facet::new("pending", Source::IsNull("invoice"), false))
                }
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
                    .find(|(of, filter, _)| (*of, *filter) == (object, name))
                {
                    Some((_, _, path)) => facets.push(Facet::new(
                        name,
                        Source::path(path),
                        path.contains("id") || name == "subscription",
                    )),
                    None => members(object, name, &mut facets),
                },
            }
        }
        for parent in resource
            .nested
            .iter()
            .filter_map(|list| list.parent)
            .chain(embedding(object))
        {
            match link(parent, object) {
                Some(name) if seen.insert(name) => {
                    facets.push(Facet::new(name, Source::path(name), true))
                }
                Some(name) => facets
                    .iter_mut()
                    .filter(|facet| facet.name == name)
                    .for_each(|facet| facet.indexed = true),
                None => {}
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
        }
    }

    /// The number of the facet with this name.
    pub(super) fn facet(&self, name: &str) -> Option<u8> {
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

/// Objects that hold a list of this object.
fn embedding(object: &'static str) -> impl Iterator<Item = &'static str> {
    let holders = catalogue::resources().iter();
    holders
        .filter(move |holder| {
            holder
                .embedded
                .iter()
                .any(|list| list.items.contains(&object))
        })
        .map(|holder| holder.object)
}

/// The member of a child that holds its parent's id, if it has one.
pub(super) fn link(parent: &str, child: &'static str) -> Option<&'static str> {
    let wanted = if parent == "application_fee" {
        "fee"
    } else {
        parent.rsplit('.').next().unwrap_or(parent)
    };
    let field = fields::children(child, &[])
        .into_iter()
        .find(|field| field.name == wanted)?;
    matches!(field.kind, Kind::Reference | Kind::Text).then_some(field.name)
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
