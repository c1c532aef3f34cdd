//! Plans: the schema of an object, read once and laid out for making values.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use stripe_sync_schema::catalogue;
use stripe_sync_schema::fields::{self, Field, Kind, Step};
use xxhash_rust::xxh3::xxh3_64;

use crate::generate::{forms, plain_ids, vocabulary};

/// How to make the objects of one name.
#[derive(Debug)]
pub(crate) struct ObjectPlan {
    pub(crate) members: Members,
    /// The top-level members that are enums.
    pub(crate) enums: Vec<&'static str>,
    /// The top-level members that are neither optional nor nullable.
    pub(crate) required: Vec<&'static str>,
}

/// The members of an object.
#[derive(Debug)]
pub(crate) struct Members {
    pub(crate) list: Vec<Member>,
    /// The member `type`, if its values name other members.
    pub(crate) discriminant: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) node: Node,
    pub(crate) nullable: bool,
    pub(crate) optional: bool,
    /// Absent unless it is asked for with `expand`.
    pub(crate) includable: bool,
    /// From 0 to 99, drawn for all objects of the name: whether they have it if it is optional.
    pub(crate) coin: u8,
    /// There only if the object's `type` has this member's name.
    pub(crate) of_variant: bool,
}

#[derive(Debug)]
pub(crate) enum Node {
    Text,
    /// A text that nobody knows the form of.
    Token,
    OneOf(Vec<&'static str>),
    Currency,
    Decimal,
    IntegerText,
    Date,
    Timestamp,
    Boolean,
    Integer,
    UnixTime,
    Amount,
    Number,
    Object(Members),
    Array(Box<Node>),
    Map(Box<Node>),
    List {
        url: &'static str,
    },
    Embedded(Vec<&'static str>),
    Reference(Vec<&'static str>),
    Json,
}

impl Members {
    /// What stands in a member.
    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        let mut members = self.list.iter();
        members
            .find(|member| member.name == name)
            .map(|member| &member.node)
    }
}

impl Node {
    /// Whether a value of it can become large.
    pub(crate) fn is_large(&self) -> bool {
        match self {
            Self::Object(_) | Self::Embedded(_) | Self::List { .. } => true,
            Self::Array(item) | Self::Map(item) => item.is_large(),
            _ => false,
        }
    }
}

/// Members that are not lists and yet absent unless they are expanded.
const INCLUDABLE: [(&str, &str); 7] = [
    ("price", "tiers"),
    ("price", "currency_options"),
    ("plan", "tiers"),
    ("coupon", "applies_to"),
    ("coupon", "currency_options"),
    ("customer", "cash_balance"),
    ("subscription_item", "billed_until"),
];

/// All plans that were needed so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plans(Arc<Mutex<HashMap<&'static str, Arc<ObjectPlan>>>>);

impl Plans {
    /// The plan of an object name; one that the schema does not know has no members.
    pub(crate) fn of(&self, object: &'static str) -> Arc<ObjectPlan> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            plans
                .entry(object)
                .or_insert_with(|| Arc::new(ObjectPlan::of(object))),
        )
    }
}

impl ObjectPlan {
    fn of(object: &'static str) -> Self {
        let top = fields::children(object, &[]);
        let enums = top
            .iter()
            .filter(|field| !field.values.is_empty() && field.name != "object");
        let required = top
            .iter()
            .filter(|field| !field.nullable && !field.optional);
        let enums = enums.map(|field| field.name).collect();
        let required = required.map(|field| field.name).collect();
        Self {
            members: members(object, &mut Vec::new()),
            enums,
            required,
        }
    }
}

fn members(object: &'static str, path: &mut Vec<Step<'static>>) -> Members {
    let mut fields = fields::children(object, path);
    // Only the answer to a deletion has it: an object that a list shows is not deleted.
    fields.retain(|field| !path.is_empty() || field.name != "deleted");
    let kind = fields.iter().find(|field| field.name == "type");
    let types = kind.map(|kind| kind.values.clone()).unwrap_or_default();
    // To the schema some types are any text. Their words are the names of the members beside them.
    let types = if kind.is_some_and(|kind| kind.kind == Kind::Text) && types.is_empty() {
        let objects = fields
            .iter()
            .filter(|field| field.kind == Kind::Object && field.optional);
        objects.map(|field| field.name).collect()
    } else {
        types
    };
    let of_variant = |field: &Field| {
        field.name != "type" && (field.optional || field.nullable) && types.contains(&field.name)
    };
    let discriminant = if fields.iter().any(of_variant) {
        fields.iter().position(|field| field.name == "type")
    } else {
        None
    };
    let list = fields.iter().map(|field| {
        path.push(Step::Key(field.name));
        let node = match node(object, field, path) {
            Node::Text | Node::Token if field.name == "type" && !types.is_empty() => {
                Node::OneOf(types.clone())
            }
            node => node,
        };
        path.pop();
        let nested = path.is_empty() && expanded_only(object, field.name);
        Member {
            name: field.name,
            node,
            nullable: field.nullable,
            optional: field.optional,
            includable: nested,
            coin: (xxh3_64(format!("{object}.{}", field.name).as_bytes()) % 100) as u8,
            of_variant: of_variant(field),
        }
    });
    Members {
        list: list.collect(),
        discriminant,
    }
}

fn expanded_only(object: &str, field: &str) -> bool {
    INCLUDABLE.contains(&(object, field))
        || catalogue::resource(object).is_some_and(|resource| {
            resource
                .embedded
                .iter()
                .any(|embedded| embedded.field == field && !embedded.inline)
        })
}

fn node(object: &'static str, field: &Field, path: &mut Vec<Step<'static>>) -> Node {
    match field.kind {
        Kind::Text if (object, field.name) == ("payment_method", "type") => {
            // Payment methods of the type `custom` are hidden from the list: only a test that wants one makes one.
            Node::OneOf(
                field
                    .values
                    .iter()
                    .copied()
                    .filter(|value| *value != "custom")
                    .collect(),
            )
        }
        Kind::Text if !field.values.is_empty() => Node::OneOf(field.values.clone()),
        Kind::Text => plain_text(object, field.name),
        Kind::Currency => Node::Currency,
        Kind::Decimal => Node::Decimal,
        Kind::IntegerText => Node::IntegerText,
        Kind::Date => Node::Date,
        Kind::Timestamp => Node::Timestamp,
        Kind::Boolean => Node::Boolean,
        Kind::Integer => Node::Integer,
        Kind::UnixTime => Node::UnixTime,
        Kind::Amount => Node::Amount,
        Kind::Number => Node::Number,
        Kind::Object => Node::Object(members(object, path)),
        Kind::Array => Node::Array(Box::new(element(object, path, Step::Index(0)))),
        Kind::Map => Node::Map(Box::new(element(object, path, Step::Key("key")))),
        Kind::List => {
            let list = field
                .targets
                .first()
                .and_then(|target| catalogue::resource(target))
                .and_then(|target| target.list.as_ref());
            Node::List {
                url: list.map_or("/v1", |list| list.path),
            }
        }
        Kind::Resource if field.targets.is_empty() => Node::Object(members(object, path)),
        Kind::Resource => Node::Embedded(field.targets.clone()),
        Kind::Reference => Node::Reference(field.targets.clone()),
        _ => Node::Json,
    }
}

/// A text of any words, as far as the schema knows.
fn plain_text(object: &str, name: &'static str) -> Node {
    match plain_ids::target(name) {
        Some(target) => Node::Reference(vec![target]),
        None if forms::form(name).is_some() || vocabulary::words(object, name).is_some() => {
            Node::Text
        }
        None => Node::Token,
    }
}

fn element(object: &'static str, path: &mut Vec<Step<'static>>, step: Step<'static>) -> Node {
    let Some(mut field) = fields::element(object, path) else {
        return Node::Json;
    };
    // Elements have the name of their array or map.
    if let Some(Step::Key(name)) = path.last() {
        field.name = name;
    }
    path.push(step);
    let node = node(object, &field, path);
    path.pop();
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that are letters and digits to everyone but Stripe and banks.
    const OPAQUE: [&str; 21] = [
        "app_id",
        "avalgo",
        "data",
        "merchant_reference",
        "nonce_str",
        "ownership",
        "package",
        "partner_id",
        "password",
        "prepay_id",
        "reference",
        "refund_group",
        "sign",
        "ssid",
        "three_ds_server_transaction_id",
        "token_reference_id",
        "token_requestor_id",
        "trace_id",
        "transaction_refresh",
        "username",
        "timestamp",
    ];

    /// The members that are always there and have a text that nobody knows the form of.
    fn tokens(members: &Members, found: &mut Vec<&'static str>) {
        for member in &members.list {
            match &member.node {
                Node::Token if !member.nullable && !member.optional => found.push(member.name),
                Node::Object(members) => tokens(members, found),
                Node::Array(item) | Node::Map(item) => {
                    if let Node::Object(members) = &**item {
                        tokens(members, found);
                    }
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_text_that_is_always_there_has_a_form() {
        let mut found = Vec::new();
        for resource in catalogue::resources() {
            tokens(&ObjectPlan::of(resource.object).members, &mut found);
        }
        found.retain(|name| !OPAQUE.contains(name));
        found.sort_unstable();
        found.dedup();
        assert!(found.is_empty(), "{found:?}");
    }
}
