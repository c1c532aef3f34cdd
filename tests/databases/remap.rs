//! A changed mapping that is filled from the stored objects: the rows are those of a fresh run, and Stripe is asked nothing.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    Change, Context, DatabaseKind, Json, Origin, ProgressUpdate, StripeSync, SyncError, Syncer,
};

use super::database::{Database, Pool};

/// Fifteen pages and a part of one.
const CUSTOMERS: usize = 1_530;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Before {
    id: String,
    email: Option<String>,
    #[stripe(raw)]
    object: Option<Json<Value>>,
}

/// The same table with more columns, and one that is read from elsewhere.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", post_set_default = upper, after_commit = told)]
struct After {
    id: String,
    #[stripe(path = name)]
    email: Option<String>,
    #[stripe(path = address.country)]
    country: Option<String>,
    created: Option<DateTime<Utc>>,
    #[stripe(path = metadata.tenant)]
    tenant: Option<String>,
    balance: Option<i64>,
    #[stripe(raw)]
    object: Option<Json<Value>>,
    #[stripe(local)]
    notes: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct WithoutObject {
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "plain", unversioned)]
struct Unversioned {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// What happens while objects are mapped.
#[derive(Default)]
struct Meanwhile {
    /// Another process, which reads a customer once.
    other: Mutex<Option<(Syncer, String)>>,
    was_told: AtomicBool,
}

async fn upper(row: &mut After, cx: &Context) -> Result<(), SyncError> {
    row.country = row.country.take().map(|country| country.to_uppercase());
    let Some(meanwhile) = cx.state::<Arc<Meanwhile>>() else {
        return Ok(());
    };
    let other = meanwhile
        .other
        .lock()
        .unwrap()
        .take_if(|(_, id)| *id == row.id);
    if let Some((other, id)) = other {
        assert_eq!(cx.origin(), Origin::Remap);
        other.sync_by_ids::<Before>([id]).await?;
    }
    Ok(())
}

fn told(_: Change<After>, cx: &Context) {
    if let Some(meanwhile) = cx.state::<Arc<Meanwhile>>() {
        meanwhile.was_told.store(true, Relaxed);
    }
}

struct World {
    fake: FakeStripe,
    database: Database,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        Self {
            fake: FakeStripe::builder().seed(19).start().await.unwrap(),
            database: Database::create(kind).await,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    fn syncer(&self) -> Syncer {
        Syncer::new(self.fake.stripe().unwrap(), self.database.store())
    }

    /// A table of the mapping before, whose columns are those of the one after.
    async fn mirrored(&self, customers: usize) -> Syncer {
        self.fake.generate("customer", customers).unwrap();
        let syncer = self.syncer();
        syncer.ensure_table::<Before>().await.unwrap();
        syncer.sync_all::<Before>().await.unwrap();
        syncer.ensure_table::<After>().await.unwrap();
        syncer
    }

    async fn run(&self, sql: &str) {
        self.database.run(sql).await;
    }

    fn kind(&self) -> DatabaseKind {
        match self.database.pool {
            Pool::Sqlite(_) => DatabaseKind::Sqlite,
            Pool::Postgres(_) => DatabaseKind::Postgres,
            Pool::MySql(_) => DatabaseKind::MySql,
        }
    }
}

/// Every column but the whole object, the token and the local one.
async fn columns(database: &Database) -> Vec<Option<String>> {
    let sql = "SELECT CONCAT(id, '|', COALESCE(email, '-'), '|', COALESCE(country, '-'), '|', created, '|', \
               COALESCE(tenant, '-'), '|', balance, '|', stripe_hash) FROM customers WHERE stripe_deleted_at IS NULL ORDER BY id";
    database.texts(sql).await
}

/// The tokens, and which rows are marked since when.
async fn bookkeeping(database: &Database) -> Vec<Option<String>> {
    let sql = "SELECT CONCAT(id, '|', stripe_observed_at, '|', COALESCE(notes, '-'), '|', \
               CASE WHEN stripe_deleted_at IS NULL THEN '-' ELSE CONCAT(stripe_deleted_at, '') END) FROM customers ORDER BY id";
    database.texts(sql).await
}

async fn a_changed_mapping_is_that_of_a_fresh_run_without_a_request(world: &World) {
    let syncer = world.mirrored(CUSTOMERS).await;
    let ids = world.fake.ids("customer");
    for id in &ids[..3] {
        world.fake.delete(id).unwrap();
    }
    syncer.sync_by_ids::<Before>(&ids[..3]).await.unwrap();
    world.run("UPDATE customers SET notes = 'mine'").await;
    let before = bookkeeping(&world.database).await;
    assert_eq!(
        before
            .iter()
            .flatten()
            .filter(|row| !row.ends_with('-'))
            .count(),
        3
    );

    // In another process, whose key may not even be valid.
    world.fake.reset_requests();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let state = Arc::new(Meanwhile::default());
    let remapping = Syncer::builder(world.fake.stripe().unwrap(), world.database.store())
        .state(Arc::clone(&state))
        .progress({
            let seen = Arc::clone(&seen);
            move |update: ProgressUpdate<'_>| seen.lock().unwrap().push(update.seen)
        })
        .build();
    let report = remapping.remap::<After>().await.unwrap();
    let all = CUSTOMERS as u64;
    assert_eq!((report.seen, report.updated), (all, all), "{report}");
    assert!(report.is_complete());
    assert_eq!(bookkeeping(&world.database).await, before);
    assert!(!state.was_told.load(Relaxed));
    assert_eq!(seen.lock().unwrap()[..2], [100, 200]);
    let again = remapping.remap::<After>().await.unwrap();
    assert_eq!((again.unchanged, again.updated), (all, 0), "{again}");
    assert_eq!(world.fake.requests().len(), 0);

    let fresh = Database::create(world.kind()).await;
    let run = Syncer::new(world.fake.stripe().unwrap(), fresh.store());
    run.ensure_table::<After>().await.unwrap();
    run.sync_all::<After>().await.unwrap();
    assert_eq!(columns(&world.database).await, columns(&fresh).await);
    let objects = fresh.rows("customers").await;
    assert_eq!(objects.len(), CUSTOMERS - 3);
    assert_eq!(world.database.rows("customers").await, objects);
    fresh.remove().await;
    // A run finds what it would have written.
    let report = syncer.sync_all::<After>().await.unwrap();
    assert_eq!(
        (report.written(), report.unchanged),
        (0, all - 3),
        "{report}"
    );
}

async fn what_only_a_read_can_make_is_named_and_left(world: &World) {
    let syncer = world.mirrored(5).await;
    let ids = world.fake.ids("customer");
    let cut = json!({
        "id": ids[1], "object": "customer", "name": "cut",
        "sources": {"object": "list", "data": [], "has_more": true, "url": "/v1/customers/x/sources"},
    });
    let wrong = json!({"id": ids[2], "object": "customer", "balance": "a text"});
    let stub = json!({"id": ids[3], "object": "customer", "deleted": true});
    world
        .run(&format!(
            "UPDATE customers SET object = NULL WHERE id = '{}'",
            ids[0]
        ))
        .await;
    for (id, object) in [(&ids[1], &cut), (&ids[2], &wrong), (&ids[3], &stub)] {
        world
            .run(&format!(
                "UPDATE customers SET object = '{object}' WHERE id = '{id}'"
            ))
            .await;
    }
    let mut report = syncer.remap::<After>().await.unwrap();
    assert_eq!(
        (report.seen, report.updated, report.unread, report.failed),
        (5, 1, 3, 1),
        "{report}"
    );
    report.unread_ids.sort();
    let mut unread = vec![ids[0].clone(), ids[1].clone(), ids[3].clone()];
    unread.sort();
    assert_eq!(report.unread_ids, unread);
    assert_eq!(report.failures[0].id, ids[2]);
    assert_eq!(report.failures[0].column.as_deref(), Some("balance"));

    let read = syncer
        .sync_by_ids::<After>(report.unread_ids)
        .await
        .unwrap();
    assert_eq!(read.updated, 3, "{read}");
    // What failed has the old hash, so any run writes it.
    let report = syncer.sync_all::<After>().await.unwrap();
    assert_eq!(
        (report.updated, report.unchanged, report.failed),
        (1, 4, 0),
        "{report}"
    );
    let report = syncer.remap::<After>().await.unwrap();
    assert_eq!(
        (report.unchanged, report.is_complete()),
        (5, true),
        "{report}"
    );
}

async fn a_row_that_others_write_meanwhile_is_looked_at_again(world: &World) {
    let syncer = world.mirrored(3).await;
    let id = world.fake.ids("customer").remove(1);
    let token = format!("SELECT stripe_observed_at FROM customers WHERE id = '{id}'");
    let before = world.database.number(&token).await;
    world.fake.update(&id, json!({"name": "newer"})).unwrap();
    let state = Arc::new(Meanwhile {
        other: Mutex::new(Some((syncer, id.clone()))),
        was_told: AtomicBool::new(false),
    });
    let remapping = Syncer::builder(world.fake.stripe().unwrap(), world.database.store())
        .state(state)
        .build();
    let report = remapping.remap::<After>().await.unwrap();
    assert_eq!(
        (report.seen, report.updated, report.overtaken),
        (3, 3, 0),
        "{report}"
    );
    let email = format!("SELECT email FROM customers WHERE id = '{id}'");
    assert_eq!(
        world.database.texts(&email).await,
        [Some("newer".to_owned())]
    );
    // That of the other process's read.
    assert!(world.database.number(&token).await > before);
}

async fn a_table_that_cannot_be_mapped_again_says_what_it_lacks(world: &World) {
    let syncer = world.mirrored(1).await;
    let error = syncer
        .remap::<WithoutObject>()
        .await
        .unwrap_err()
        .to_string();
    let raw = "rows of `WithoutObject` cannot be mapped again from the table: the struct does not keep the whole object: add \
               a field such as `#[stripe(raw)] object: Json<serde_json::Value>`, and fill it with `sync_all`";
    assert_eq!(error, raw);
    let error = syncer.remap::<Unversioned>().await.unwrap_err();
    assert!(error.to_string().contains("`unversioned`"), "{error}");
    world.run("ALTER TABLE customers DROP COLUMN country").await;
    let error = syncer.remap::<After>().await.unwrap_err();
    assert!(matches!(error, SyncError::Table { .. }), "{error}");
}

on_each_database! {
    World, start, end:
    a_changed_mapping_is_that_of_a_fresh_run_without_a_request
    what_only_a_read_can_make_is_named_and_left
    a_row_that_others_write_meanwhile_is_looked_at_again
    a_table_that_cannot_be_mapped_again_says_what_it_lacks
}
