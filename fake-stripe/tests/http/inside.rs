//! Lists inside objects: the object, the nested list and each element say the same, whatever comes and goes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{get, id, ids, ok, refusal, start, walk};
use fake_stripe::{FakeError, FakeStripe};

/// A list inside an object.
pub(crate) struct Inside {
    /// The object, and where one of it is read.
    of: &'static str,
    at: &'static str,
    member: &'static str,
    /// The list of the elements, with `{}` for the parent's id.
    list: &'static str,
    /// An element that a test gives.
    element: fn(usize) -> Value,
    /// What the parent needs.
    given: fn(&FakeStripe) -> Value,
    /// Sent only when it is asked for.
    on_request: bool,
    /// Says how many elements it has.
    counted: bool,
}

const LISTS: [Inside; 9] = [
    Inside {
        of: "subscription",
        at: "/v1/subscriptions/{}",
        member: "items",
        list: "/v1/subscription_items?subscription={}",
        element: |n| json!({ "quantity": n + 1 }),
        given: |_| json!({}),
        on_request: false,
        counted: true,
    },
    Inside {
        of: "invoice",
        at: "/v1/invoices/{}",
        member: "lines",
        list: "/v1/invoices/{}/lines?",
        element: |n| json!({ "amount": n + 1 }),
        given: |_| json!({ "status": "draft" }),
        on_request: false,
        counted: true,
    },
    Inside {
        of: "invoice",
        at: "/v1/invoices/{}",
        member: "payments",
        list: "/v1/invoice_payments?invoice={}",
        element: |n| json!({ "amount_paid": n + 1 }),
        given: |_| json!({ "status": "open" }),
        on_request: true,
        counted: false,
    },
    Inside {
        of: "charge",
        at: "/v1/charges/{}",
        member: "refunds",
        list: "/v1/refunds?charge={}",
        element: |_| json!({ "amount": 1 }),
        given: |_| json!({ "amount": 100_000, "status": "succeeded", "captured": true }),
        on_request: true,
        counted: true,
    },
    Inside {
        of: "customer",
        at: "/v1/customers/{}",
        member: "sources",
        list: "/v1/customers/{}/sources?",
        element: |n| json!({ "object": if n % 3 == 0 { "bank_account" } else { "card" } }),
        given: |_| json!({}),
        on_request: true,
        counted: true,
    },
    Inside {
        of: "customer",
        at: "/v1/customers/{}",
        member: "subscriptions",
        list: "/v1/subscriptions?customer={}",
        element: |_| json!({ "status": "active" }),
        given: |_| json!({}),
        on_request: true,
        counted: false,
    },
    Inside {
        of: "customer",
        at: "/v1/customers/{}",
        member: "tax_ids",
        list: "/v1/customers/{}/tax_ids?",
        element: |_| json!({}),
        given: |_| json!({}),
        on_request: true,
        counted: false,
    },
    Inside {
        of: "account",
        at: "/v1/accounts/{}",
        member: "external_accounts",
        list: "/v1/accounts/{}/external_accounts?",
        element: |n| json!({ "object": if n % 3 == 0 { "card" } else { "bank_account" } }),
        given: |_| json!({}),
        on_request: true,
        counted: true,
    },
    Inside {
        of: "transfer",
        at: "/v1/transfers/{}",
        member: "reversals",
        list: "/v1/transfers/{}/reversals?",
        element: |_| json!({ "amount": 1 }),
        given: |_| json!({ "amount": 100_000 }),
        on_request: false,
        counted: true,
    },
];

impl Inside {
    pub(crate) async fn parent(&self, fake: &FakeStripe, parent: &str) -> Value {
        let expand = match self.on_request {
            true => format!("?expand[]={}", self.member),
            false => String::new(),
        };
        ok(fake, &(self.at.replace("{}", parent) + &expand)).await
    }

    /// The list as the parent shows it, the list itself and the elements agree. Answers the ids, in the order of the list.
    pub(crate) async fn agrees(&self, fake: &FakeStripe, parent: &str) -> Vec<String> {
        let shown = self.parent(fake, parent).await[self.member].take();
        let (path, query) = self.list.split_once('?').unwrap();
        let path = path.replace("{}", parent);
        let query = format!("&{}", query.replace("{}", parent));
        let query = if query == "&" { "" } else { &query };
        let all = walk(fake, &path, query).await;
        let what = format!("{} of {}: {shown}", self.member, self.of);
        assert_eq!(ids(&shown), all[..all.len().min(10)], "{what}");
        assert_eq!(shown["has_more"], all.len() > 10, "{what}");
        let count = shown.get("total_count").cloned();
        assert_eq!(count, self.counted.then(|| all.len().into()), "{what}");
        assert!(shown["url"].as_str().unwrap().starts_with(&path), "{what}");
        let page = ok(fake, &format!("{path}?limit=10{query}")).await;
        assert_eq!(page["data"], shown["data"], "{what}");
        for element in page["data"].as_array().unwrap() {
            assert_eq!(fake.get(id(element)).as_ref(), Some(element), "{what}");
        }
        all
    }
}

#[tokio::test]
async fn a_parent_has_the_elements_that_it_is_given() {
    let fake = start().await;
    for list in &LISTS {
        // Each subscription brings an invoice that is paid.
        let counts = match list.member {
            "subscriptions" => &[1, 10, 11][..],
            _ => &[1, 10, 11, 250],
        };
        for count in counts.iter().copied() {
            let mut given = (list.given)(&fake);
            let rows: Vec<Value> = (0..count).map(list.element).collect();
            given[list.member] = rows.into();
            let parent = fake.create(list.of, given).unwrap();
            let all = list.agrees(&fake, id(&parent)).await;
            assert_eq!(all.len(), count, "{} of {}", list.member, list.of);
        }
    }
}

/// A parent with twelve elements; no event of before is left.
pub(crate) async fn with_twelve(fake: &FakeStripe, member: &str) -> (&'static Inside, String) {
    let list = LISTS.iter().find(|list| list.member == member).unwrap();
    let mut given = (list.given)(fake);
    given[member] = (0..12).map(list.element).collect::<Vec<_>>().into();
    let parent = fake.create(list.of, given).unwrap();
    told(fake);
    (list, id(&parent).to_owned())
}

/// The types of the events since the last call, each once.
pub(crate) fn told(fake: &FakeStripe) -> Vec<String> {
    let mut kinds = Vec::new();
    for event in fake.events() {
        kinds.push(event["type"].as_str().unwrap().to_owned());
        fake.forget_event(id(&event)).unwrap();
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// One element comes, of those there are the oldest goes, and one of the first ten.
async fn comes_and_goes(member: &str, kind: &str, added: &str, removed: &str) {
    let fake = start().await;
    let (list, parent) = with_twelve(&fake, member).await;
    fake.advance(Duration::from_secs(1));
    let made = fake.create_child(&parent, kind, json!({})).unwrap();
    assert_eq!(told(&fake), [added], "{member}");
    let mut left = list.agrees(&fake, &parent).await;
    assert_eq!((left.len(), &*left[0]), (13, id(&made)), "{member}");
    for at in [12, 3] {
        let gone = left.remove(at);
        fake.delete(&gone).unwrap();
        assert_eq!(told(&fake), [removed], "{member}");
        assert_eq!(list.agrees(&fake, &parent).await, left, "{member}");
        assert_eq!(fake.get(&gone), None, "{member}");
    }
}

#[tokio::test]
async fn elements_come_and_go_with_the_events_of_stripe() {
    let updated = "customer.subscription.updated";
    comes_and_goes("items", "subscription_item", updated, updated).await;
    comes_and_goes("lines", "line_item", "invoice.updated", "invoice.updated").await;
    let (created, deleted) = ("customer.source.created", "customer.source.deleted");
    comes_and_goes("sources", "card", created, deleted).await;
    let (created, deleted) = ("customer.tax_id.created", "customer.tax_id.deleted");
    comes_and_goes("tax_ids", "tax_id", created, deleted).await;
    let (created, deleted) = (
        "account.external_account.created",
        "account.external_account.deleted",
    );
    comes_and_goes("external_accounts", "bank_account", created, deleted).await;
}

#[tokio::test]
async fn what_moved_money_only_comes() {
    let fake = start().await;
    for (member, kind, kinds) in [
        (
            "refunds",
            "refund",
            &["charge.refunded", "refund.created"][..],
        ),
        ("reversals", "transfer_reversal", &["transfer.updated"]),
    ] {
        let (list, parent) = with_twelve(&fake, member).await;
        let made = fake.create_child(&parent, kind, json!({ "amount": 1 }));
        assert_eq!(told(&fake), kinds);
        let made = made.unwrap();
        let refused = fake.delete(id(&made)).unwrap_err();
        assert!(
            matches!(refused, FakeError::NotDeletable { .. }),
            "{refused}"
        );
        assert_eq!(list.agrees(&fake, &parent).await.len(), 13);
    }
}

#[tokio::test]
async fn a_canceled_subscription_leaves_the_list_of_its_customer() {
    let fake = start().await;
    let (list, customer) = with_twelve(&fake, "subscriptions").await;
    let mut left = list.agrees(&fake, &customer).await;
    let gone = left.remove(4);
    fake.delete(&gone).unwrap();
    assert_eq!(list.agrees(&fake, &customer).await, left);
    let subscription = ok(&fake, &format!("/v1/subscriptions/{gone}")).await;
    assert_eq!(subscription["status"], "canceled");
    // It keeps its items.
    let items = ok(
        &fake,
        &format!("/v1/subscription_items?subscription={gone}"),
    )
    .await;
    assert_eq!(items["data"], subscription["items"]["data"]);
}

/// A line with a tax goes, and the sums with it; then the draft, and its lines from wherever they were.
#[tokio::test]
async fn a_draft_loses_a_line_and_then_goes() {
    let fake = start().await;
    let tax = json!({
        "amount": 20, "tax_behavior": "exclusive", "tax_rate_details": null, "taxability_reason": "standard_rated",
        "taxable_amount": 100, "type": "tax_rate_details",
    });
    let mut rows: Vec<Value> = (1..=10).map(|amount| json!({ "amount": amount })).collect();
    rows.extend([100, 100].map(|amount| json!({ "amount": amount, "taxes": [tax] })));
    let draft = fake.create("invoice", json!({ "status": "draft", "lines": rows }));
    let draft = draft.unwrap();
    let sums = |invoice: &Value| {
        ["subtotal", "total", "amount_due"].map(|sum| invoice[sum].as_i64().unwrap())
    };
    assert_eq!(sums(&draft), [255, 295, 295]);
    let lines = fake.children(id(&draft), "line_item");
    let taxed = lines.iter().find(|line| line["amount"] == 100).unwrap();
    fake.delete(id(taxed)).unwrap();
    let path = format!("/v1/invoices/{}", id(&draft));
    let invoice = ok(&fake, &path).await;
    assert_eq!(sums(&invoice), [155, 175, 175]);
    assert_eq!(invoice["total_taxes"][0]["amount"], 20);
    assert_eq!(invoice["lines"]["total_count"], 11);
    let count = fake.count("line_item");
    told(&fake);
    let gone = fake.delete(id(&draft)).unwrap();
    assert_eq!(gone, invoice);
    assert_eq!(told(&fake), ["invoice.deleted"]);
    let missing = (404, "resource_missing".to_owned(), "id".to_owned());
    assert_eq!(refusal(&fake, &path).await, missing);
    assert_eq!(refusal(&fake, &format!("{path}/lines")).await, missing);
    assert_eq!(fake.count("line_item"), count - 11);
    let lost = fake.delete(id(taxed)).unwrap_err();
    assert!(matches!(lost, FakeError::NoSuchId { .. }), "{lost}");
}

#[tokio::test]
async fn a_finalized_invoice_keeps_its_lines() {
    let fake = start().await;
    let rows = json!([{ "amount": 1 }, { "amount": 2 }]);
    let draft = fake.create("invoice", json!({ "status": "draft", "lines": rows }));
    let draft = draft.unwrap();
    let line = draft["lines"]["data"][0]["id"].as_str().unwrap();
    let open = fake.update(id(&draft), json!({ "status": "open" }));
    let open = open.unwrap();
    let refused = fake.delete(line).unwrap_err();
    assert!(matches!(refused, FakeError::Refused { .. }), "{refused}");
    assert_eq!(fake.get(id(&draft)), Some(open));
}

/// docs.stripe.com/api/cards/delete: the source that was added last is the default then.
#[tokio::test]
async fn the_default_source_is_one_that_is_there() {
    let fake = start().await;
    let (list, customer) = with_twelve(&fake, "sources").await;
    let mut left = list.agrees(&fake, &customer).await;
    let default = left.remove(5);
    let changes = json!({ "default_source": default });
    fake.update(&customer, changes).unwrap();
    told(&fake);
    fake.delete(&default).unwrap();
    assert_eq!(told(&fake), ["customer.source.deleted", "customer.updated"]);
    let default = |fake: &FakeStripe| fake.get(&customer).unwrap()["default_source"].take();
    assert_eq!(default(&fake), left[0]);
    fake.delete(&left.remove(3)).unwrap();
    assert_eq!(told(&fake), ["customer.source.deleted"]);
    for source in left.into_iter().rev() {
        fake.delete(&source).unwrap();
    }
    assert_eq!(default(&fake), Value::Null);
}

/// docs.stripe.com/api/customers/delete: the details of cards go with the customer. Of what is below an object that is
/// deleted, no address shows anything.
#[tokio::test]
async fn a_deleted_parent_takes_what_is_nowhere_but_in_it() {
    let fake = start().await;
    for (member, kind, event) in [
        ("sources", "card", &["customer.deleted"][..]),
        ("external_accounts", "bank_account", &[]),
    ] {
        let (list, parent) = with_twelve(&fake, member).await;
        let elements = list.agrees(&fake, &parent).await;
        let other = fake.count(kind);
        fake.delete(&parent).unwrap();
        assert_eq!(told(&fake), event);
        assert!(fake.count(kind) < other && elements.iter().all(|id| fake.get(id).is_none()));
        let path = list.list.replace("{}", &parent);
        let path = path.trim_end_matches('?');
        assert_eq!(get(&fake, path).await.status, 404);
        let (status, code, _) = refusal(&fake, &format!("{path}/{}", elements[0])).await;
        assert_eq!((status, &*code), (404, "resource_missing"));
    }
    // Another address shows a tax id of a customer who is gone, and this one does not.
    let (_, customer) = with_twelve(&fake, "tax_ids").await;
    let tax_id = id(&fake.children(&customer, "tax_id")[0]).to_owned();
    fake.delete(&customer).unwrap();
    let path = format!("/v1/customers/{customer}/tax_ids/{tax_id}");
    assert_eq!(get(&fake, &path).await.status, 404);
    assert_eq!(
        ok(&fake, &format!("/v1/tax_ids/{tax_id}")).await["id"],
        *tax_id
    );
}
