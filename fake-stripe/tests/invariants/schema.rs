//! The walk along Stripe's schema: what in an object is not as the schema says.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use stripe_sync_schema::catalogue;
use stripe_sync_schema::fields::{self, Field, Kind, Step};

use crate::account::Account;

/// What is wrong with a place of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// The id of no object of the kinds that the schema allows.
    Dangling,
    /// An embedded object that is stored nowhere, though its kind has ids.
    Stray,
    /// Not one of the words that the schema knows.
    Word,
    /// A member that has to be there is not.
    Missing,
    /// A member that the schema does not have.
    Unknown,
    /// Null where null cannot be.
    Null,
    /// Not the kind of JSON value that stands there.
    Kind,
    /// A time that has an odd form or lies before Stripe.
    Time,
    /// More money than a payment can be.
    Amount,
    /// No lowercase code of three letters.
    Currency,
    /// Sent on request only, and here without one.
    OnRequest,
}

#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) fault: Fault,
    pub(crate) path: String,
    pub(crate) value: String,
}

#[derive(Debug)]
struct Node {
    field: Field,
    members: Vec<Node>,
    element: Option<Box<Node>>,
}

/// The largest amount of a payment: eight digits in every currency of the fake.
const MOST: i64 = 99_999_999;
/// Stripe began in 2011: 2011-01-01.
const STRIPE_BEGAN: i64 = 1_293_840_000;

/// References that no object of this account need resolve, as the other object lives in another account: the charge of an
/// application fee, the payment that a transfer makes at its destination, the accounts that only the other side knows.
const ELSEWHERE: [(&str, &str); 5] = [
    ("application_fee", "charge"),
    ("application_fee", "account"),
    ("transfer", "destination_payment"),
    ("transfer_reversal", "destination_payment_refund"),
    ("charge", "source_transfer"),
];

/// Absent unless asked for with `expand`, beside the embedded lists that the catalogue marks.
const ON_REQUEST: [(&str, &str); 12] = [
    ("coupon", "applies_to"),
    ("coupon", "currency_options"),
    ("customer", "cash_balance"),
    ("customer", "invoice_credit_balance"),
    ("customer", "tax"),
    ("invoice", "confirmation_secret"),
    ("plan", "tiers"),
    ("price", "tiers"),
    ("price", "currency_options"),
    ("issuing.card", "number"),
    ("issuing.card", "cvc"),
    ("shipping_rate", "fixed_amount.currency_options"),
];

/// The maps whose values are objects: (object, member, the members of each value). The schema's paths end at a map's value.
const MAPS: [(&str, &str, &[&str]); 5] = [
    (
        "climate.product",
        "current_prices_per_metric_ton",
        &["amount_fees", "amount_subtotal", "amount_total"],
    ),
    ("coupon", "currency_options", &["amount_off"]),
    (
        "price",
        "currency_options",
        &[
            "custom_unit_amount",
            "tax_behavior",
            "unit_amount",
            "unit_amount_decimal",
        ],
    ),
    ("promotion_code", "currency_options", &["minimum_amount"]),
    (
        "shipping_rate",
        "currency_options",
        &["amount", "tax_behavior"],
    ),
];

/// Whether a member, given by its path, is sent on request only.
pub(crate) fn is_on_request(object: &str, member: &str) -> bool {
    ON_REQUEST.contains(&(object, member))
        || catalogue::resource(object).is_some_and(|resource| {
            let mut embedded = resource.embedded.iter();
            embedded.any(|embedded| embedded.field == member && !embedded.inline)
        })
}

thread_local! {
    static TREES: RefCell<HashMap<&'static str, Rc<Vec<Node>>>> = RefCell::default();
}

fn tree(object: &'static str) -> Rc<Vec<Node>> {
    if let Some(tree) = TREES.with_borrow(|trees| trees.get(object).cloned()) {
        return tree;
    }
    let tree = Rc::new(members(object, &mut Vec::new()));
    TREES.with_borrow_mut(|trees| trees.insert(object, Rc::clone(&tree)));
    tree
}

fn members(object: &str, path: &mut Vec<Step<'static>>) -> Vec<Node> {
    let fields = fields::children(object, path);
    let node = |field: Field| {
        path.push(Step::Key(field.name));
        let node = node(object, field, path);
        path.pop();
        node
    };
    fields.into_iter().map(node).collect()
}

fn node(object: &str, field: Field, path: &mut Vec<Step<'static>>) -> Node {
    let step = match field.kind {
        Kind::Array => Some(Step::Index(0)),
        Kind::Map => Some(Step::Key("key")),
        _ => None,
    };
    let element = step.and_then(|step| {
        let element = fields::element(object, path)?;
        path.push(step);
        let element = node(object, element, path);
        path.pop();
        Some(Box::new(element))
    });
    let members = match field.kind {
        Kind::Object => members(object, path),
        Kind::Resource if field.targets.is_empty() => members(object, path),
        _ => Vec::new(),
    };
    Node {
        field,
        members,
        element,
    }
}

/// Collects what is not as the schema says.
pub(crate) fn look_through(
    account: &Account,
    object: &'static str,
    value: &Value,
    findings: &mut Vec<Finding>,
) {
    let mut walk = Walk {
        account,
        findings,
        path: String::new(),
    };
    walk.members(object, &tree(object), value, false);
}

struct Walk<'a> {
    account: &'a Account,
    findings: &'a mut Vec<Finding>,
    path: String,
}

impl Walk<'_> {
    fn found(&mut self, fault: Fault, value: &Value) {
        let mut value = value.to_string();
        value.truncate(
            value
                .char_indices()
                .nth(80)
                .map_or(value.len(), |(at, _)| at),
        );
        self.findings.push(Finding {
            fault,
            path: self.path.clone(),
            value,
        });
    }

    fn below(&mut self, step: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        walk(self);
        self.path.truncate(length);
    }

    fn members(&mut self, object: &'static str, nodes: &[Node], value: &Value, open: bool) {
        let Some(map) = value.as_object() else {
            return self.found(Fault::Kind, value);
        };
        for node in nodes {
            let name = node.field.name;
            match map.get(name) {
                None if node.field.optional => {}
                None => self.below(name, |walk| walk.found(Fault::Missing, &Value::Null)),
                Some(member) => self.below(name, |walk| {
                    if is_on_request(object, &walk.path) {
                        walk.found(Fault::OnRequest, member);
                    }
                    walk.value(object, node, member);
                }),
            }
        }
        if open || nodes.is_empty() {
            return;
        }
        for (name, member) in map {
            // Recorded answers have `total_count` in some lists, which no page of the reference shows.
            if nodes.iter().all(|node| node.field.name != name) {
                self.below(name, |walk| walk.found(Fault::Unknown, member));
            }
        }
    }

    fn value(&mut self, object: &'static str, node: &Node, value: &Value) {
        let field = &node.field;
        if value.is_null() {
            if !field.nullable && field.kind != Kind::Json {
                self.found(Fault::Null, value);
            }
            return;
        }
        let fits = match field.kind {
            Kind::Boolean => value.is_boolean(),
            Kind::Integer | Kind::UnixTime | Kind::Amount => value.is_i64(),
            Kind::Number => value.is_number(),
            Kind::Array => value.is_array(),
            Kind::Object | Kind::Map | Kind::List | Kind::Resource => value.is_object(),
            Kind::Reference => value.is_string() || value.is_object(),
            Kind::Json => true,
            _ => value.is_string(),
        };
        if !fits {
            return self.found(Fault::Kind, value);
        }
        let text = value.as_str().unwrap_or_default();
        match field.kind {
            Kind::Text if !field.values.is_empty() && !field.values.contains(&text) => {
                self.found(Fault::Word, value);
            }
            Kind::Currency
                if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_lowercase()) =>
            {
                self.found(Fault::Currency, value);
            }
            Kind::UnixTime if value.as_i64().is_some_and(|time| time < STRIPE_BEGAN) => {
                self.found(Fault::Time, value);
            }
            Kind::Amount if value.as_i64().is_some_and(|amount| amount.abs() > MOST) => {
                self.found(Fault::Amount, value);
            }
            Kind::Object => self.members(object, &node.members, value, field.open),
            Kind::Array => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    let element = node.element.as_deref();
                    self.below(&place.to_string(), |walk| {
                        if let Some(element) = element {
                            walk.value(object, element, item);
                        }
                    });
                }
            }
            Kind::Map => self.map(object, node, value),
            Kind::List => {
                let rows = value["data"].as_array();
                for (place, row) in rows.into_iter().flatten().enumerate() {
                    self.below(&format!("data.{place}"), |walk| {
                        walk.embedded(&field.targets, row, true);
                    });
                }
            }
            Kind::Resource if field.targets.is_empty() => {
                self.members(object, &node.members, value, field.open);
            }
            Kind::Resource => self.embedded(&field.targets, value, false),
            Kind::Reference => self.reference(object, field, value),
            _ => {}
        }
    }

    fn map(&mut self, object: &str, node: &Node, value: &Value) {
        let mut maps = MAPS.iter();
        let whole = maps.find(|(of, member, _)| (*of, *member) == (object, node.field.name));
        let whole = whole.map_or(&[][..], |(_, _, members)| *members);
        for (key, item) in value.as_object().into_iter().flatten() {
            self.below(key, |walk| {
                for member in whole.iter().filter(|member| item.get(**member).is_none()) {
                    walk.below(member, |walk| walk.found(Fault::Missing, &Value::Null));
                }
                // The elements of maps are texts, amounts, or the objects above.
                let fits = match node.element.as_ref().map(|element| element.field.kind) {
                    Some(Kind::Text) => item.is_string(),
                    Some(Kind::Amount) => item.is_i64(),
                    Some(Kind::Object) => item.is_object(),
                    _ => true,
                };
                if !fits {
                    walk.found(Fault::Kind, item);
                }
            });
        }
    }

    fn embedded(&mut self, targets: &[&'static str], value: &Value, row: bool) {
        let named = value["object"].as_str();
        let Some(target) = targets
            .iter()
            .find(|target| Some(**target) == named)
            .or_else(|| targets.first().filter(|_| targets.len() == 1))
        else {
            return self.found(Fault::Word, value);
        };
        // Below an error stand things as they were when it happened, also those that were never kept.
        let of_error = self.path.contains("_error");
        if let (Some(id), true, false) = (value["id"].as_str(), is_held(target), of_error)
            && !self.account.resolves(&[target], id)
        {
            self.found(Fault::Stray, &value["id"]);
        }
        // A row of a list is an object of its own: it is judged once, where it is stored.
        if !row {
            self.members(target, &tree(target), value, false);
        }
    }

    fn reference(&mut self, object: &str, field: &Field, value: &Value) {
        let Some(id) = value.as_str() else {
            // Only a request with `expand` gets the whole object.
            return self.found(Fault::Kind, value);
        };
        let elsewhere = ELSEWHERE.contains(&(object, field.name));
        let held = field.targets.iter().any(|target| is_held(target));
        if held && !elsewhere && !self.account.resolves(&field.targets, id) {
            self.found(Fault::Dangling, value);
        }
    }
}

/// Whether the fake can hold objects of this kind: discounts, mandates, applications and a few more have no list and no address, so
/// there is nothing that their ids could resolve to.
pub(crate) fn is_held(object: &str) -> bool {
    catalogue::resource(object).is_some()
}
