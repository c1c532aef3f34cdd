//! Lists whose elements are rows of other models: what the descriptor says of them, and where parent and place come from.

use stripe_sync::{Cell, OnDelete, Role, StripeSync};

use crate::private::map_json;

use super::{cell, context, object, row, text};

#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(children)]
    items: Vec<SubscriptionItem>,
    status: String,
}

#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
    quantity: Option<i64>,
}

#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    #[stripe(children, expand)]
    tiers: Vec<PriceTier>,
    id: String,
}

#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "price.tiers", table = "price_tiers")]
struct PriceTier {
    up_to: Option<i64>,
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: u16,
}

/// One list of several kinds of objects, which name their parent or do not.
#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(children, expand, path = sources)]
    cards: Vec<Card>,
    #[stripe(children, expand, path = sources)]
    bank_accounts: Vec<BankAccount>,
}

#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "card", table = "cards")]
struct Card {
    id: String,
    #[stripe(parent)]
    customer: Option<String>,
}

#[derive(Debug, PartialEq, StripeSync)]
#[stripe(object = "bank_account", table = "bank_accounts")]
struct BankAccount {
    id: String,
    #[stripe(parent = "customer")]
    owner: String,
}

const ITEM: &str =
    r#"{"id":"si_1","object":"subscription_item","subscription":"sub_1","quantity":2}"#;

#[test]
fn a_list_is_no_column() {
    let names: Vec<&str> = Subscription::MODEL
        .columns()
        .iter()
        .map(|column| column.name)
        .collect();
    assert_eq!(names, ["id", "status"]);
    let children: Vec<_> = Subscription::MODEL
        .children()
        .map(|(field, model)| (field, model.name()))
        .collect();
    assert_eq!(children, [("items", "SubscriptionItem")]);
    let [list] = Subscription::MODEL.parts.declared.children else {
        panic!("one list")
    };
    assert_eq!((list.field, list.path), ("items", "items"));
    let json = format!(
        r#"{{"id":"sub_1","object":"subscription","status":"active","items":{{"object":"list","data":[{ITEM}]}}}}"#
    );
    let made = Subscription::from_stripe(&object(&json), &context()).unwrap();
    let whole = Subscription {
        id: "sub_1".to_owned(),
        items: Vec::new(),
        status: "active".to_owned(),
    };
    assert_eq!(made, whole);
    assert_eq!(made.into_cells(), [text("sub_1"), text("active")]);
}

#[test]
fn one_list_has_several_children() {
    let children: Vec<_> = Customer::MODEL
        .children()
        .map(|(field, model)| (field, model.object()))
        .collect();
    assert_eq!(
        children,
        [("cards", "card"), ("bank_accounts", "bank_account")]
    );
    assert_eq!(Customer::MODEL.expand(), ["sources"]);
    let tiers: Vec<_> = Price::MODEL
        .children()
        .map(|(field, model)| (field, model.object()))
        .collect();
    assert_eq!(tiers, [("tiers", "price.tiers")]);
    assert_eq!(Price::MODEL.expand(), ["tiers"]);
    let [cards, accounts] = Customer::MODEL.parts.declared.children else {
        panic!("two fields")
    };
    assert_eq!(cards.slot, accounts.slot);
}

#[test]
fn a_child_says_where_it_stands() {
    let parent = SubscriptionItem::MODEL.parts.declared.parent.unwrap();
    assert_eq!((parent.column, parent.object), (1, "subscription"));
    let own = row::<SubscriptionItem>(ITEM);
    assert_eq!(
        cell::<SubscriptionItem>(&own, "subscription"),
        text("sub_1")
    );
    let listed = map_json(
        SubscriptionItem::MODEL,
        ITEM,
        &context().in_list("sub_2", 0),
    );
    assert_eq!(
        cell::<SubscriptionItem>(&listed.unwrap(), "subscription"),
        text("sub_2")
    );
}

#[test]
fn a_member_may_be_null_and_the_list_says_the_parent() {
    let json = r#"{"id":"card_1","object":"card","customer":null}"#;
    assert_eq!(cell::<Card>(&row::<Card>(json), "customer"), Cell::Null);
    let listed = map_json(Card::MODEL, json, &context().in_list("cus_1", 3)).unwrap();
    assert_eq!(cell::<Card>(&listed, "customer"), text("cus_1"));
    // An expanded parent is its id.
    let expanded = r#"{"id":"card_1","object":"card","customer":{"id":"cus_2"}}"#;
    assert_eq!(
        cell::<Card>(&row::<Card>(expanded), "customer"),
        text("cus_2")
    );
}

#[test]
fn an_object_that_does_not_name_its_parent_has_one_in_a_list_only() {
    let parent = BankAccount::MODEL.parts.declared.parent.unwrap();
    assert_eq!(parent.object, "customer");
    let column = &BankAccount::MODEL.columns()[parent.column];
    assert_eq!((column.name, column.path), ("owner", ""));
    let json = r#"{"id":"ba_1","object":"bank_account"}"#;
    let error = map_json(BankAccount::MODEL, json, &context()).unwrap_err();
    assert_eq!(error.column(), Some("owner"));
    let listed = map_json(BankAccount::MODEL, json, &context().in_list("cus_1", 0)).unwrap();
    assert_eq!(cell::<BankAccount>(&listed, "owner"), text("cus_1"));
}

#[test]
fn an_element_is_known_by_parent_and_place() {
    let model = PriceTier::MODEL;
    assert_eq!(model.object(), "price.tiers");
    assert_eq!(model.on_delete(), OnDelete::Hard);
    assert!(model.parts.unversioned);
    assert!(model.role(Role::Id).is_none());
    let parent = model.parts.declared.parent.unwrap();
    assert_eq!((parent.column, parent.object), (1, "price"));
    let json = r#"{"up_to":null,"unit_amount":500}"#;
    let row = map_json(model, json, &context().in_list("price_1", 7)).unwrap();
    assert_eq!(row.cells, [Cell::Null, text("price_1"), Cell::Integer(7)]);
    let made = PriceTier::from_stripe(&object(json), &context().in_list("price_1", 7)).unwrap();
    let whole = PriceTier {
        up_to: None,
        price: "price_1".to_owned(),
        position: 7,
    };
    assert_eq!(made, whole);
    let error = map_json(model, json, &context()).unwrap_err();
    assert_eq!(error.column(), Some("price"));
}

#[test]
fn rows_of_children_are_found_by_their_parent() {
    let index = |model: &'static stripe_sync::Model| -> Vec<&[usize]> {
        let indexes = model.parts.declared.indexes.iter();
        indexes.map(|index| index.columns).collect()
    };
    assert_eq!(index(SubscriptionItem::MODEL), [[1]]);
    assert!(index(PriceTier::MODEL).is_empty());
}
