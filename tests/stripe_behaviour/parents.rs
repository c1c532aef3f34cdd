//! Keys that may read a resource and not the parents that some of its objects are listed by: the rest is read, the report
//! names what was not, and no row of theirs is lost.

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::{Json, StripeSync, SyncAllOptions, SyncError, Syncer};

use super::mirror::Mirror;
use super::models::{Customer, TaxId};

/// Longer than events last, so that only lists and reads by id can tell what happened.
const AWAY: Duration = Duration::from_secs(40 * 86_400);

#[derive(StripeSync)]
#[stripe(object = "subscription_schedule", table = "schedules")]
struct Schedule {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Listed below subscriptions, and nowhere else.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

fn restricted<const N: usize>(mirror: &Mirror, objects: [&str; N]) -> Syncer {
    mirror.with_other_key(&mirror.restricted_key(objects))
}

fn create(mirror: &Mirror, object: &str, fields: Value) {
    mirror.fake.create(object, fields).unwrap();
}

/// Customers, half of them on a test clock.
async fn customers(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    let clocks = mirror.fake.generate("test_helpers.test_clock", 1).unwrap();
    for n in 0..5 {
        create(
            &mirror,
            "customer",
            json!({"id": format!("cus_plain_{n}"), "test_clock": null}),
        );
        create(
            &mirror,
            "customer",
            json!({"id": format!("cus_clock_{n}"), "test_clock": clocks[0]}),
        );
    }
    mirror
}

#[tokio::test]
async fn what_the_key_may_read_is_read_and_the_report_says_what_is_not() {
    let mirror = customers(80).await;
    // Long ago: no event tells of the others.
    mirror.fake.advance(AWAY);
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let restricted = restricted(&mirror, ["customer"]);
    let report = restricted.sync_all::<Customer>().await.unwrap();
    let [warning] = report.warnings.as_slice() else {
        panic!("{report}");
    };
    assert!(
        warning.starts_with(
            "`customer` objects of test clocks were not read, because the key may not list test clocks: Stripe answered 403"
        ),
        "{warning}"
    );
    assert!(
        warning.contains("rak_test_helpers_test_clock_read"),
        "{warning}"
    );
    let rows = mirror.rows("customers").await;
    assert!(rows.keys().all(|id| id.starts_with("cus_plain")));
    assert_eq!(rows.len(), 5);
    // The plan speaks of what the run would read.
    assert_eq!(restricted.plan::<Customer>().await.unwrap().objects, 5);

    mirror.sync_all::<Customer>().await;
    mirror.assert_truth::<Customer>().await;
}

/// Rows that only a refused list could show: a read by id decides about each of them.
#[tokio::test]
async fn a_row_of_a_refused_list_is_deleted_when_a_read_confirms_it_and_not_before() {
    let mirror = customers(81).await;
    mirror.sync_all::<Customer>().await;
    let gone = |id: &str| mirror.fake.delete(id).unwrap();
    gone("cus_plain_0");
    gone("cus_clock_0");
    let changes = json!({"email": "changed@example.com"});
    mirror.fake.update("cus_clock_1", changes).unwrap();
    mirror.fake.advance(AWAY);
    let restricted = restricted(&mirror, ["customer"]);
    for deleted in [2, 0] {
        let report = restricted.sync_all::<Customer>().await.unwrap();
        assert_eq!(
            (report.deleted, report.unlisted, report.warnings.len()),
            (deleted, 4, 1),
            "{report}"
        );
        mirror.assert_truth::<Customer>().await;
    }
    // Out of reads, what was not confirmed stays.
    gone("cus_clock_1");
    mirror.fake.advance(AWAY);
    let unconfirmed = SyncAllOptions::default().max_delete_checks(0);
    let report = restricted
        .sync_all_with::<Customer>(unconfirmed)
        .await
        .unwrap();
    assert_eq!((report.deleted, report.unconfirmed), (0, 4), "{report}");

    // A key that may list them knows what is gone: those rows are not remembered as being in no list.
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!((report.deleted, report.unlisted), (1, 0), "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// Parents on the second level: schedules are listed by customers, which are listed by test clocks.
#[tokio::test]
async fn parents_of_parents_may_be_refused_too() {
    let mirror = customers(82).await;
    let clocks = mirror.fake.ids("test_helpers.test_clock");
    for customer in ["cus_plain_1", "cus_clock_1", "cus_clock_2"] {
        let on_clock = customer.starts_with("cus_clock");
        let clock = on_clock.then_some(&clocks[0]);
        let schedule = json!({"customer": customer, "test_clock": clock});
        create(&mirror, "subscription_schedule", schedule);
    }
    mirror.fake.advance(AWAY);
    mirror.syncer.ensure_table::<Schedule>().await.unwrap();
    for (parents, may_read) in [
        ("test clocks", ["subscription_schedule", "customer"]),
        (
            "customers",
            ["subscription_schedule", "test_helpers.test_clock"],
        ),
    ] {
        let report = restricted(&mirror, may_read).sync_all::<Schedule>().await;
        let report = report.unwrap();
        let expected = format!("because the key may not list {parents}: ");
        assert!(
            report.warnings.len() == 1 && report.warnings[0].contains(&expected),
            "{report}"
        );
        assert_eq!(report.seen, 1, "{report}");
    }
    assert_eq!(mirror.sync_all::<Schedule>().await.inserted, 2);
    mirror.assert_truth::<Schedule>().await;
}

/// Tax ids of the account have a list of their own; those of customers are listed by customer.
#[tokio::test]
async fn a_refused_list_of_parents_leaves_the_models_own_list() {
    let mirror = Mirror::start(83).await;
    for n in 0..3 {
        let customer = format!("cus_{n}");
        create(&mirror, "customer", json!({"id": customer}));
        let owner = json!({"type": "customer", "customer": customer});
        create(
            &mirror,
            "tax_id",
            json!({"customer": customer, "owner": owner}),
        );
    }
    let own = json!({"id": "txi_own", "customer": null, "owner": {"type": "self"}});
    create(&mirror, "tax_id", own);
    mirror.sync_all::<TaxId>().await;
    mirror.fake.advance(AWAY);

    let restricted = restricted(&mirror, ["tax_id", "test_helpers.test_clock"]);
    let report = restricted.sync_all::<TaxId>().await.unwrap();
    let [warning] = report.warnings.as_slice() else {
        panic!("{report}");
    };
    assert!(
        warning.starts_with("`tax_id` objects of customers were not read"),
        "{warning}"
    );
    assert_eq!((report.seen, report.deleted), (1, 0), "{report}");
    mirror.assert_truth::<TaxId>().await;
}

/// Where nothing but parents leads to a model's objects, or the model's own list is refused, the run fails.
#[tokio::test]
async fn a_run_that_could_read_nothing_fails() {
    fn is_refusal(error: &SyncError) -> bool {
        matches!(error.root(), SyncError::Stripe(e) if e.is_permission())
    }
    let mirror = customers(84).await;
    create(
        &mirror,
        "subscription",
        json!({"id": "sub_1", "customer": "cus_plain_0"}),
    );
    create(
        &mirror,
        "subscription_item",
        json!({"subscription": "sub_1"}),
    );
    mirror.sync_all::<SubscriptionItem>().await;
    mirror.sync_all::<Customer>().await;
    let before = mirror.rows(&SubscriptionItem::MODEL.table()).await;
    assert!(!before.is_empty());

    let refused = [
        restricted(&mirror, ["subscription_item", "test_helpers.test_clock"]),
        restricted(&mirror, ["subscription_item"]),
        restricted(&mirror, ["subscription", "test_helpers.test_clock"]),
    ];
    for syncer in refused {
        let error = syncer.sync_all::<SubscriptionItem>().await.unwrap_err();
        assert!(is_refusal(&error), "{error}");
        assert_eq!(mirror.rows("subscription_items").await, before);
    }
    let clocks_only = restricted(&mirror, ["test_helpers.test_clock"]);
    let error = clocks_only.sync_all::<Customer>().await.unwrap_err();
    assert!(is_refusal(&error), "{error}");
    assert_eq!(mirror.rows("customers").await.len(), 10);

    let no_clocks = restricted(&mirror, ["subscription_item", "subscription"]);
    let report = no_clocks.sync_all::<SubscriptionItem>().await.unwrap();
    assert_eq!(report.warnings.len(), 1, "{report}");
    mirror.assert_truth::<SubscriptionItem>().await;
}
