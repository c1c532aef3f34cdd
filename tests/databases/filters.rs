//! A table with a filter is the filtered list: rows leave, what never matched has none, and another filter is refused.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::json;
use stripe_sync::hooks::Change;
use stripe_sync::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::FakeStripe;
use stripe_sync::{
    Context, DatabaseKind, IdOutcome, Registry, StoreError, StripeSync, SyncAll, SyncError, Syncer,
};

use super::database::{Database, Pool};

/// What the hooks were told, by the id of the row.
static TOLD: Mutex<Vec<(String, &str)>> = Mutex::new(Vec::new());

fn tell<M>(change: &Change<M>, id: impl Fn(&M) -> &String) {
    let (row, kind) = match change {
        Change::Inserted { after, .. } => (after, "inserted"),
        Change::Updated { after, .. } => (after, "updated"),
        Change::Deleted { before, .. } => (before, "deleted"),
        Change::LeftFilter { before, .. } => (before, "left"),
        _ => return,
    };
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.push((id(row).clone(), kind));
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", filter(status = "active"), after_commit = told)]
struct Active {
    id: String,
    status: String,
}

fn told(change: Change<Active>, _: &Context) {
    tell(&change, |row| &row.id);
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "past_due")
)]
struct PastDue {
    id: String,
    status: String,
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "all")
)]
struct All {
    id: String,
    status: String,
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "gone",
    filter(status = "active", collection_method = "charge_automatically"),
    on_delete = hard
)]
struct Hard {
    id: String,
}

/// Only its list says which prices are in it.
#[derive(StripeSync)]
#[stripe(object = "price", table = "prices", filter(lookup_keys = ["gold", "silver"]))]
struct Price {
    id: String,
    nickname: Option<String>,
}

#[derive(StripeSync)]
#[stripe(
    object = "price",
    table = "monthly",
    filter(recurring.interval = "month", active = true)
)]
struct Monthly {
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "apps.secret", table = "secrets", filter(scope.type = "account"))]
struct Secret {
    id: String,
    name: String,
}

struct Stage {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl Stage {
    async fn new(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(3).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Active>().await.unwrap();
        syncer.ensure_table::<Hard>().await.unwrap();
        syncer.ensure_table::<Price>().await.unwrap();
        syncer.ensure_table::<Monthly>().await.unwrap();
        syncer.ensure_table::<Secret>().await.unwrap();
        fake.create("customer", json!({"id": "cus_1"})).unwrap();
        Self {
            fake,
            database,
            syncer,
        }
    }

    /// Makes subscriptions; their ids begin with the name of their status.
    fn subscriptions(&self, run: &str, statuses: &[(&str, usize)]) {
        for (status, count) in statuses {
            for number in 0..*count {
                let id = format!("sub_{run}{status}_{number}");
                let new = json!({
                    "id": id, "status": status, "customer": "cus_1",
                    "collection_method": "charge_automatically"
                });
                self.fake.create("subscription", new).unwrap();
            }
        }
    }

    async fn ids(&self, table: &str) -> BTreeSet<String> {
        let sql = format!("SELECT id FROM {table} WHERE stripe_deleted_at IS NULL");
        self.texts(&sql).await.into_iter().collect()
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        }
        .unwrap()
    }

    /// What is remembered of objects without rows: their tombstones and failures.
    async fn remarks(&self) -> Vec<String> {
        self.texts("SELECT id FROM stripe_sync_objects ORDER BY id")
            .await
    }

    /// What Stripe has in a status.
    fn of(&self, status: &str) -> BTreeSet<String> {
        let truth = self.fake.truth("subscription").into_iter();
        let of_status = truth.filter(|object| object["status"] == status);
        of_status
            .map(|object| object["id"].as_str().unwrap().to_owned())
            .collect()
    }

    fn set(&self, id: &str, member: serde_json::Value) {
        self.fake.update(id, member).unwrap();
    }

    /// The queries that a list was asked with, without paging.
    fn queries(&self, path: &str) -> BTreeSet<String> {
        let requests = self.fake.requests().into_iter();
        requests
            .filter(|request| request.path == path)
            .map(|request| {
                let query = request.query.split('&');
                let own = query.filter(|pair| {
                    !pair.starts_with("limit=") && !pair.starts_with("starting_after=")
                });
                own.map(|pair| pair.replace("%5B", "[").replace("%5D", "]"))
                    .collect::<Vec<_>>()
                    .join("&")
            })
            .collect()
    }
}

fn changed(id: &str) -> Vec<&'static str> {
    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let of_id = told.iter().filter(|(known, _)| known == id);
    of_id.map(|(_, kind)| *kind).collect()
}

/// Each database has objects of its own, because the hooks of all are told in one place.
fn run_of(kind: DatabaseKind) -> String {
    format!("{kind:?}_").to_lowercase()
}

async fn rows_leave_and_what_never_matched_has_none(stage: &Stage, run: &str) {
    let statuses = [("active", 130), ("past_due", 3), ("trialing", 2)];
    stage.subscriptions(run, &statuses);
    let report = stage.syncer.sync_all::<Active>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (130, 0), "{report}");
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));

    let [canceled, late, by_id, back] = [0, 1, 2, 3].map(|n| format!("sub_{run}active_{n}"));
    let never = format!("sub_{run}past_due_0");
    stage.fake.cancel_subscription(&canceled).unwrap();
    stage.set(&late, json!({"status": "past_due"}));
    stage.set(&by_id, json!({"status": "paused"}));
    let ids = [by_id.clone(), never.clone(), back.clone()];
    let report = stage.syncer.sync_by_ids::<Active>(ids).await.unwrap();
    assert_eq!(report.outcome(&by_id), Some(&IdOutcome::OutsideFilter));
    assert_eq!(report.outcome(&never), Some(&IdOutcome::OutsideFilter));
    assert_eq!(report.outcome(&back), Some(&IdOutcome::Unchanged));
    let counts = (report.left, report.outside, report.failed, report.deleted);
    assert_eq!(counts, (1, 1, 0, 0), "{report}");
    assert_eq!(changed(&by_id), ["inserted", "left"]);

    let report = stage.syncer.sync_all::<Active>().await.unwrap();
    assert_eq!(report.left, 2, "{report}");
    assert_eq!(
        (report.deleted, report.unlisted, report.failed),
        (0, 0, 0),
        "{report}"
    );
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));
    assert_eq!(changed(&late), ["inserted", "left"]);
    assert_eq!(stage.remarks().await, Vec::<String>::new());
    // Marked, and not removed.
    let marked = "SELECT id FROM subscriptions WHERE stripe_deleted_at IS NOT NULL";
    assert_eq!(stage.texts(marked).await.len(), 3);
    let report = stage.syncer.sync_all::<Active>().await.unwrap();
    assert_eq!((report.left, report.written()), (0, 0), "{report}");

    stage.set(&late, json!({"status": "active"}));
    stage.set(&never, json!({"status": "active"}));
    let ids = [late.clone(), never.clone()];
    let report = stage.syncer.sync_by_ids::<Active>(ids).await.unwrap();
    assert_eq!(report.outcome(&late), Some(&IdOutcome::Updated));
    assert_eq!(report.outcome(&never), Some(&IdOutcome::Inserted));
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));

    // An object in hand.
    let token = stage.syncer.start_read().await.unwrap();
    stage.set(&late, json!({"status": "unpaid"}));
    let object = stage.fake.get(&late).unwrap().to_string();
    let object = stripe_sync::StripeObject::from_json(object).unwrap();
    let outcome = stage.syncer.sync::<Active>(object.read_since(token)).await;
    assert_eq!(outcome.unwrap(), IdOutcome::OutsideFilter);
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));

    // An older read of what has left since inserts nothing.
    let old = format!("sub_{run}trialing_0");
    let token = stage.syncer.start_read().await.unwrap();
    let mut object = stage.fake.get(&old).unwrap();
    object["status"] = "active".into();
    let object = stripe_sync::StripeObject::from_json(object.to_string()).unwrap();
    let found = stage.syncer.sync_by_ids::<Active>([&old]).await.unwrap();
    assert_eq!(found.outcome(&old), Some(&IdOutcome::OutsideFilter));
    let outcome = stage.syncer.sync::<Active>(object.read_since(token)).await;
    assert_eq!(outcome.unwrap(), IdOutcome::OutsideFilter);
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));
}

async fn the_last_row_leaves_and_a_removed_one_stays_away(stage: &Stage, run: &str) {
    stage.subscriptions(run, &[("active", 2)]);
    assert_eq!(stage.syncer.sync_all::<Hard>().await.unwrap().inserted, 2);
    let [first, second] = [0, 1].map(|n| format!("sub_{run}active_{n}"));
    stage.set(&first, json!({"collection_method": "send_invoice"}));
    stage.set(&second, json!({"status": "canceled"}));
    // The list shows nothing by now; what the rows' objects say is that it is the account's.
    let report = stage.syncer.sync_all::<Hard>().await.unwrap();
    assert_eq!((report.left, report.unconfirmed), (2, 0), "{report}");
    assert_eq!(
        stage.texts("SELECT id FROM gone").await,
        Vec::<String>::new()
    );
    stage.set(&first, json!({"collection_method": "charge_automatically"}));
    let report = stage.syncer.sync_by_ids::<Hard>([&first]).await.unwrap();
    assert_eq!(report.outcome(&first), Some(&IdOutcome::Inserted));
    assert_eq!(stage.remarks().await, [second]);
}

async fn only_the_list_brings_rows_in(stage: &Stage, _: &str) {
    let price = |id: &str, key: Option<&str>| {
        let new = json!({"id": id, "lookup_key": key, "nickname": "a", "active": true});
        stage.fake.create("price", new).unwrap();
    };
    price("price_gold", Some("gold"));
    price("price_silver", Some("silver"));
    price("price_none", None);
    let report = stage.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 0), "{report}");
    assert_eq!(
        stage.queries("/v1/prices"),
        ["true", "false"]
            .map(|active| format!("active={active}&lookup_keys[]=gold&lookup_keys[]=silver"))
            .into()
    );

    stage.set("price_gold", json!({"nickname": "b"}));
    stage.set("price_silver", json!({"lookup_key": null, "nickname": "b"}));
    stage.set("price_none", json!({"lookup_key": "gold"}));
    let ids = ["price_gold", "price_silver", "price_none"];
    let report = stage.syncer.sync_by_ids::<Price>(ids).await.unwrap();
    let outcomes = ids.map(|id| report.outcome(id).cloned().unwrap());
    // What is in the table is kept up to date, wherever it is; a read does not say that it left.
    assert_eq!(
        outcomes,
        [
            IdOutcome::Updated,
            IdOutcome::Updated,
            IdOutcome::OutsideFilter
        ]
    );
    assert_eq!(stage.ids("prices").await.len(), 2);

    stage.fake.reset_requests();
    let report = stage.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!(
        (report.left, report.inserted, report.deleted),
        (1, 1, 0),
        "{report}"
    );
    let there = ["price_gold", "price_none"].map(str::to_owned);
    assert_eq!(stage.ids("prices").await, there.into());
    // Nothing had to be confirmed; what events told of was read again.
    let reads = stage.fake.requests().into_iter();
    let reads = reads.filter(|request| request.endpoint == "/v1/prices/{id}");
    assert_eq!(reads.count() as u64, report.replayed);

    // What left is not brought back by a read.
    let report = stage.syncer.sync_by_ids::<Price>(["price_silver"]).await;
    let report = report.unwrap();
    assert_eq!(
        report.outcome("price_silver"),
        Some(&IdOutcome::OutsideFilter)
    );
    stage.set("price_silver", json!({"lookup_key": "silver"}));
    let report = stage.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.updated, report.left), (1, 0), "{report}");
    assert_eq!(stage.ids("prices").await.len(), 3);
}

async fn another_filter_is_refused_and_can_be_taken(stage: &Stage, run: &str) {
    stage.subscriptions(run, &[("active", 3), ("past_due", 2), ("paused", 1)]);
    let syncer = &stage.syncer;
    // Without rows, any filter is taken.
    assert_eq!(syncer.sync_all::<All>().await.unwrap().inserted, 6);
    let refused = |error: SyncError, words: [&str; 2]| {
        let text = error.to_string();
        let is = matches!(error, SyncError::Store(StoreError::WrongFilter { .. }));
        assert!(is && words.iter().all(|word| text.contains(word)), "{text}");
    };
    let words = ["no filter", "`status=active`"];
    refused(syncer.sync_all::<Active>().await.unwrap_err(), words);
    let by_id = syncer.sync_by_ids::<Active>([format!("sub_{run}active_0")]);
    refused(by_id.await.unwrap_err(), words);
    assert_eq!(stage.ids("subscriptions").await.len(), 6);

    let change = SyncAll::default().change_filter(true);
    let report = syncer.sync_all_with::<Active>(change).await.unwrap();
    assert_eq!((report.left, report.unchanged), (3, 3), "{report}");
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));
    syncer.sync_all::<Active>().await.unwrap();
    refused(syncer.sync_all::<All>().await.unwrap_err(), words);
    let words = ["`status=active`", "`status=past_due`"];
    refused(syncer.sync_all::<PastDue>().await.unwrap_err(), words);

    // A run that Stripe refuses changes nothing.
    let key = stage.fake.add_restricted_key(["customer"]).unwrap();
    let stripe = stripe_sync::Stripe::builder(key)
        .base_url(stage.fake.base_url())
        .build()
        .unwrap();
    let known = stage
        .texts("SELECT account FROM stripe_sync_tables LIMIT 1")
        .await;
    let poor = Syncer::builder(stripe, stage.database.store())
        .account(known[0].as_str(), false)
        .build();
    poor.sync_all_with::<PastDue>(change).await.unwrap_err();
    syncer.sync_all::<Active>().await.unwrap();

    let report = syncer.sync_all_with::<PastDue>(change).await.unwrap();
    assert_eq!((report.left, report.updated), (3, 2), "{report}");
    assert_eq!(stage.ids("subscriptions").await, stage.of("past_due"));
}

async fn two_filters_in_one_table_are_refused(stage: &Stage, run: &str) {
    stage.subscriptions(run, &[("active", 1)]);
    let registry = Registry::new().model::<Active>().model::<PastDue>();
    for (_, result) in stage
        .syncer
        .sync_models(&registry, SyncAll::default())
        .await
    {
        let error = result.unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, SyncError::FiltersDiffer { .. })
                && text.contains("`status=active`")
                && text.contains("`status=past_due`"),
            "{text}"
        );
    }
    let syncer = Syncer::builder(stage.fake.stripe().unwrap(), stage.database.store())
        .registry(&registry)
        .build();
    let error = syncer.sync_all::<Active>().await.unwrap_err();
    assert!(matches!(error, SyncError::FiltersDiffer { .. }), "{error}");
    assert_eq!(stage.ids("subscriptions").await.len(), 0);
}

async fn hashes_are_sent_as_stripe_takes_them(stage: &Stage, _: &str) {
    for (id, interval) in [("price_m", "month"), ("price_y", "year")] {
        let recurring =
            json!({"interval": interval, "interval_count": 1, "usage_type": "licensed"});
        let new = json!({"id": id, "recurring": recurring, "type": "recurring", "active": true});
        stage.fake.create("price", new).unwrap();
    }
    let once = json!({"id": "price_o", "recurring": null, "type": "one_time"});
    stage.fake.create("price", once).unwrap();
    let report = stage.syncer.sync_all::<Monthly>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!(
        stage.queries("/v1/prices"),
        ["active=true&recurring[interval]=month".to_owned()].into()
    );
    let ids = ["price_m", "price_y", "price_o"];
    let report = stage.syncer.sync_by_ids::<Monthly>(ids).await.unwrap();
    assert_eq!((report.unchanged, report.outside), (1, 2), "{report}");

    for (id, scope) in [
        ("appsecret_1", json!({"type": "account"})),
        ("appsecret_2", json!({"type": "user", "user": "usr_1"})),
    ] {
        let new = json!({"id": id, "name": id, "scope": scope, "deleted": false});
        stage.fake.create("apps.secret", new).unwrap();
    }
    let report = stage.syncer.sync_all::<Secret>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!(
        stage.queries("/v1/apps/secrets"),
        ["scope[type]=account".to_owned()].into()
    );
}

/// Each test once for each database.
macro_rules! on_each_database {
    ($($name:ident)*) => {
        on_each_database!(@ sqlite Sqlite $($name)*);
        on_each_database!(@ postgres Postgres $($name)*);
        on_each_database!(@ mysql MySql $($name)*);
    };
    (@ $database:ident $kind:ident $($name:ident)*) => {
        mod $database {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let kind = stripe_sync::DatabaseKind::$kind;
                    let stage = super::Stage::new(kind).await;
                    super::$name(&stage, &super::run_of(kind)).await;
                    stage.database.remove().await;
                }
            )*
        }
    };
}

on_each_database! {
    rows_leave_and_what_never_matched_has_none
    the_last_row_leaves_and_a_removed_one_stays_away
    only_the_list_brings_rows_in
    another_filter_is_refused_and_can_be_taken
    two_filters_in_one_table_are_refused
    hashes_are_sent_as_stripe_takes_them
}
