//! Events of connected accounts: each is read as its account, and its rows are those of that account.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState, HandlerError, Live, LiveBuilder};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, MySql, Postgres, Sqlite};
use stripe_sync::testing::Delivery;
use stripe_sync::webhook::{Event, HandlerForm, WebhookSecret};

use super::database::Pool;
use super::platform::{AccountCoupon, AccountCustomer, Platform};
use super::service::{Customer, Service, URL, deliver, process};

/// The same event with members changed.
fn changed(delivery: &Delivery, change: impl FnOnce(&mut Value)) -> Delivery {
    let mut event = delivery.event();
    change(&mut event);
    let mut delivery = delivery.clone();
    delivery.body = event.to_string().into();
    delivery
}

pub(crate) async fn one_id_in_three_accounts_is_three_rows(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    for account in platform.all() {
        let name = account.id();
        account
            .create("coupon", json!({"id": "SPRING", "name": name}))
            .unwrap();
        account
            .create("customer", json!({"id": "cus_1", "name": name}))
            .unwrap();
    }
    let mut deliveries = service.fake.take_deliveries();
    Rng::with_seed(3).shuffle(&mut deliveries);
    for delivery in &deliveries {
        assert_eq!(deliver(&live, delivery).await, 200);
    }
    process(&live).await;
    platform.assert_truth::<AccountCoupon>().await;
    platform.assert_truth::<AccountCustomer>().await;
    assert_eq!(
        service.number("SELECT COUNT(*) FROM account_coupons").await,
        3
    );
    let asked: BTreeSet<String> = platform.asked_as("/v1/coupons/{id}").into_iter().collect();
    let all = platform.all().map(|account| account.id().to_owned());
    assert_eq!(asked, BTreeSet::from(all));

    // What is gone in one is there in the others.
    platform.a.delete("SPRING").unwrap();
    platform.a.delete("cus_1").unwrap();
    platform
        .b
        .update("cus_1", json!({"name": "changed"}))
        .unwrap();
    platform.deliver(&live).await;
    process(&live).await;
    platform.assert_truth::<AccountCoupon>().await;
    platform.assert_truth::<AccountCustomer>().await;
    let coupons = platform.rows("account_coupons").await;
    let left: BTreeSet<&str> = coupons
        .keys()
        .map(|(account, _)| account.as_str())
        .collect();
    assert_eq!(left, BTreeSet::from([service.fake.id(), "acct_b"]));
    let marked = "SELECT COUNT(*) FROM account_customers \
                  WHERE account = 'acct_a' AND stripe_deleted_at IS NOT NULL";
    assert_eq!(service.number(marked).await, 1);
}

pub(crate) async fn a_burst_and_a_late_event_cost_few_reads_in_each_account(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    for account in platform.all() {
        account.create("customer", json!({"id": "cus_1"})).unwrap();
    }
    let late = service.fake.take_deliveries();
    for number in 0..20 {
        for account in platform.all() {
            let name = format!("{} {number}", account.id());
            account.update("cus_1", json!({"name": name})).unwrap();
        }
    }
    platform.deliver(&live).await;
    let processed = process(&live).await;
    assert_eq!((processed.events, processed.objects), (60, 3));
    assert_eq!(processed.requests, 3);
    platform.assert_truth::<AccountCustomer>().await;

    // Made before all the others, and deleted since in one of the accounts.
    platform.b.delete("cus_1").unwrap();
    platform.deliver(&live).await;
    process(&live).await;
    for delivery in &late {
        assert_eq!(deliver(&live, delivery).await, 200);
        process(&live).await;
    }
    platform.assert_truth::<AccountCustomer>().await;
}

pub(crate) async fn a_model_without_an_account_field_is_refused(service: &Service) {
    let platform = Platform::start(service).await;
    let live = Live::builder(service.syncer.clone()).model::<Customer>();
    let live = platform.secrets(live).max_attempts(1).build().unwrap();
    // The first of all events is not the table's: it would be bound to this account.
    platform
        .a
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    platform.deliver(&live).await;
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.objects, processed.dead), (0, 1), "{processed:?}");
    let dead = EventFilter::new().state(EventState::Dead);
    let letters = live.events(&dead).await.unwrap();
    assert_eq!((letters.len(), letters[0].account.as_str()), (1, "acct_a"));
    let reason = letters[0].reason.as_deref().unwrap_or_default();
    for part in [
        "`Customer`",
        "#[stripe(account)]",
        "acct_a",
        service.fake.id(),
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    assert_eq!(service.number("SELECT COUNT(*) FROM customers").await, 0);

    service
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    platform.deliver(&live).await;
    process(&live).await;
    service.assert_truth::<Customer>().await;
    // And the other way round.
    platform
        .a
        .update("cus_1", json!({"name": "of another account"}))
        .unwrap();
    platform.deliver(&live).await;
    assert_eq!(live.drain().await.unwrap().dead, 1);
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_thin_event_of_an_organization_is_read_as_its_account(service: &Service) {
    let platform = Platform::start(service).await;
    let destination = service.fake.webhook_endpoint(URL).events(["*"]).thin();
    let destination = destination.connect().create().unwrap();
    let secret = WebhookSecret::new(&destination.secret).unwrap();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&seen);
    let live = platform
        .builder()
        .secret(secret)
        .handler_form(HandlerForm::Thin)
        .on("customer.created", move |event| {
            let account = event.account().unwrap_or("none");
            told.lock()
                .unwrap()
                .push(format!("{} {account}", event.kind()));
            async { Ok(()) }
        });
    let live = live.build().unwrap();
    for account in [&platform.a, &platform.b] {
        let name = json!({"id": "cus_1", "name": account.id()});
        account.create("customer", name).unwrap();
    }
    let thin = service.fake.take_deliveries().into_iter();
    for delivery in thin.filter(|delivery| delivery.endpoint == destination.id) {
        let delivery = changed(&delivery, |event| {
            let account = event["context"].as_str().unwrap().to_owned();
            event["context"] = format!("org_1/{account}").into();
        });
        assert_eq!(deliver(&live, &delivery).await, 200);
    }
    process(&live).await;
    platform.assert_truth::<AccountCustomer>().await;
    let mut asked = platform.asked_as("/v1/customers/{id}");
    asked.sort();
    assert_eq!(asked, ["acct_a", "acct_b"]);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(
        seen,
        ["v1.customer.created acct_a", "v1.customer.created acct_b"]
    );
}

pub(crate) async fn a_connected_account_of_the_other_mode_is_left_alone(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    platform
        .a
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    for delivery in service.fake.take_deliveries() {
        let delivery = changed(&delivery, |event| event["livemode"] = true.into());
        assert_eq!(deliver(&live, &delivery).await, 200);
    }
    assert_eq!(process(&live).await.objects, 0);
    assert!(live.events(&EventFilter::new()).await.unwrap().is_empty());
    assert!(platform.rows("account_customers").await.is_empty());
}

pub(crate) async fn the_rest_of_a_list_is_read_as_the_account(service: &Service) {
    let platform = Platform::start(service).await;
    let live = platform.builder().build().unwrap();
    for (account, items) in [(&platform.a, 15), (&platform.b, 12)] {
        account.create("customer", json!({"id": "cus_1"})).unwrap();
        let made = json!({"id": "sub_1", "customer": "cus_1"});
        account.create("subscription", made).unwrap();
        for _ in account.count("subscription_item")..items {
            let item = account.create_child("sub_1", "subscription_item", json!({}));
            item.unwrap();
        }
    }
    platform.deliver(&live).await;
    process(&live).await;
    let rows = platform.rows("account_subscriptions").await;
    for (account, items) in [(&platform.a, 15), (&platform.b, 12)] {
        let row = &rows[&(account.id().to_owned(), "sub_1".to_owned())];
        let stored = row["items"]["data"].as_array().unwrap().iter();
        let ids = |items: &[Value]| -> BTreeSet<String> {
            let ids = items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned());
            ids.collect()
        };
        let stored: Vec<Value> = stored.cloned().collect();
        assert_eq!(ids(&stored), ids(&account.truth("subscription_item")));
        assert_eq!(stored.len(), items);
    }
    let mut asked = platform.asked_as("/v1/subscription_items");
    asked.sort();
    assert_eq!(asked, ["acct_a", "acct_b"]);
}

fn insert<'c, D, E>(
    event: &'c Event,
    connection: E,
    marks: &str,
) -> BoxFuture<'c, Result<(), HandlerError>>
where
    D: sqlx::Database,
    E: sqlx::Executor<'c, Database = D> + 'c,
    for<'q> String: sqlx::Encode<'q, D> + sqlx::Type<D>,
    D::Arguments: sqlx::IntoArguments<D>,
{
    let sql = AssertSqlSafe(format!(
        "INSERT INTO audit (event, account) VALUES ({marks})"
    ));
    let account = event.account().unwrap_or("none").to_owned();
    let query = sqlx::query(sql).bind(event.id().to_owned()).bind(account);
    Box::pin(async move {
        query.execute(connection).await?;
        Ok(())
    })
}

/// A handler that writes down which account an event is of.
fn auditing(service: &Service, builder: LiveBuilder) -> LiveBuilder {
    macro_rules! handler {
        ($database:ident, $marks:literal) => {
            builder.in_transaction_boxed::<$database, _>("customer.created", |event, connection| {
                insert::<$database, _>(event, connection, $marks)
            })
        };
    }
    match service.database.pool {
        Pool::Sqlite(_) => handler!(Sqlite, "?, ?"),
        Pool::Postgres(_) => handler!(Postgres, "$1, $2"),
        Pool::MySql(_) => handler!(MySql, "?, ?"),
    }
}

pub(crate) async fn handlers_see_the_account_and_a_replay_keeps_it(service: &Service) {
    let table = "CREATE TABLE audit (event VARCHAR(255) NOT NULL, account VARCHAR(255) NOT NULL)";
    service.run(table).await;
    let platform = Platform::start(service).await;
    let seen: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let told = Arc::clone(&seen);
    let live = auditing(service, platform.builder()).on("customer.created", move |event| {
        let account = event.account().map(str::to_owned);
        told.lock().unwrap().push(account);
        async { Ok(()) }
    });
    let live = live.build().unwrap();
    for account in platform.all() {
        account.create("customer", json!({"id": "cus_1"})).unwrap();
    }
    platform.deliver(&live).await;
    process(&live).await;
    let all = [None, Some("acct_a".to_owned()), Some("acct_b".to_owned())];
    let take = || {
        let mut seen = std::mem::take(&mut *seen.lock().unwrap());
        seen.sort();
        seen
    };
    assert_eq!(take(), all);
    let of = |account: &str| format!("SELECT COUNT(*) FROM audit WHERE account = '{account}'");
    for account in ["none", "acct_a", "acct_b"] {
        assert_eq!(service.number(&of(account)).await, 1, "{account}");
    }

    platform
        .a
        .update("cus_1", json!({"name": "not told of"}))
        .unwrap();
    service.fake.reset_requests();
    let created = EventFilter::new().kind("customer.created");
    assert_eq!(live.replay(&created).await.unwrap(), 3);
    process(&live).await;
    assert_eq!(take(), all);
    assert_eq!(service.number(&of("acct_a")).await, 2);
    platform.assert_truth::<AccountCustomer>().await;
    let mut asked = platform.asked_as("/v1/customers/{id}");
    asked.sort();
    let mut expected = platform.all().map(|account| account.id().to_owned());
    expected.sort();
    assert_eq!(asked, expected);
    let kept = live.events(&created).await.unwrap();
    let mut kept: Vec<String> = kept.into_iter().map(|event| event.account).collect();
    kept.sort();
    assert_eq!(kept, expected);
}
