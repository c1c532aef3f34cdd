//! A subscription whose hook does what the test wants, and the tables that it writes to.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use stripe_sync::hooks::{SyncContext, WriteError};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    Change, Context, DatabaseKind, Json, Outcome, Registry, Report, StripeObject, StripeSync,
    Syncer, TableName,
};
use tokio::sync::oneshot::{self, Sender};

use crate::database::{Database, Pool};

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) const ACCOUNT: &str = "acct_mine";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", pre_set_default = before, sync = write)]
pub(crate) struct Subscription {
    id: String,
    status: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items")]
pub(crate) struct Item {
    id: String,
    subscription: String,
    quantity: Option<i64>,
}

/// The same with the account in its key.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "owned_items")]
pub(crate) struct OwnedItem {
    id: String,
    #[stripe(account)]
    account: String,
}

/// A row that nobody may write without its hook.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "told_items", after_commit = told)]
pub(crate) struct ToldItem {
    id: String,
}

fn told(_: Change<ToldItem>, _: &Context) {}

/// What the hook does besides writing its row.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Act {
    Items,
    OwnedItems(&'static str),
    ToldItems,
    Values,
    Connections,
    TooFewValues,
    NumberedPlaceholder,
    /// A statement that the database refuses for one subscription.
    Refused {
        is_ignored: bool,
    },
}

/// What the hooks know.
pub(crate) struct Script {
    act: Act,
    pub(crate) calls: AtomicUsize,
    /// Once, behind the read of the first object and before its transaction.
    pub(crate) meanwhile: Mutex<Option<Sender<Sender<()>>>>,
}

async fn before(_: &StripeObject, cx: &Context) -> Result<(), BoxError> {
    let script = cx.state::<Arc<Script>>().ok_or("no script")?;
    let meanwhile = script.meanwhile.lock().unwrap().take();
    if let Some(meanwhile) = meanwhile {
        let (done, is_done) = oneshot::channel();
        meanwhile.send(done).map_err(|_| "nobody waits")?;
        is_done.await?;
    }
    Ok(())
}

async fn write(object: &StripeObject, cx: &mut SyncContext<'_>) -> Result<Outcome, BoxError> {
    let script = Arc::clone(cx.context().state::<Arc<Script>>().ok_or("no script")?);
    script.calls.fetch_add(1, Relaxed);
    let outcome = cx.sync_default().await?;
    match script.act {
        Act::Items => {
            for item in items(object)? {
                cx.write(Item::from_stripe(&item, cx.context())?).await?;
            }
        }
        Act::OwnedItems(account) => {
            for item in items(object)? {
                let (id, account) = (item.id().to_owned(), account.to_owned());
                cx.write(OwnedItem { id, account }).await?;
            }
        }
        Act::ToldItems => {
            let id = object.id().to_owned();
            cx.write(ToldItem { id }).await?;
        }
        Act::Values => values(object.id(), cx).await?,
        Act::Connections => connections(cx).await?,
        Act::TooFewValues => {
            cx.execute("DELETE FROM notes WHERE note = '?' AND id = ?", ())
                .await?;
        }
        Act::NumberedPlaceholder => {
            cx.execute("DELETE FROM notes WHERE id = ?1", ["x"]).await?;
        }
        Act::Refused { is_ignored } => {
            let insert = "INSERT INTO notes (id, quantity) VALUES (?, ?)";
            cx.execute(insert, (object.id(), 1)).await?;
            if object.id() == "sub_b" {
                let again = cx.execute(insert, (object.id(), 1)).await;
                match again {
                    Err(WriteError::Statement { .. }) if is_ignored => {
                        let more = cx.execute(insert, ("more", 1)).await.unwrap_err();
                        assert!(matches!(more, WriteError::Failed { .. }), "{more}");
                    }
                    again => drop(again?),
                }
            }
        }
    }
    Ok(outcome)
}

fn items(object: &StripeObject) -> Result<Vec<StripeObject>, BoxError> {
    let object = object.value()?;
    let items = object["items"]["data"].as_array().ok_or("no items")?;
    let item = |item: &Value| Ok(StripeObject::from_json(item.to_string())?);
    items.iter().map(item).collect()
}

/// A value of each type, and nulls of each.
async fn values(id: &str, cx: &mut SyncContext<'_>) -> Result<(), BoxError> {
    let insert = "INSERT INTO notes (id, note, quantity, ratio, is_open, at, amount, bytes, doc) \
                  /* why? */ VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) -- ?";
    let at = DateTime::from_timestamp(1_700_000_000, 250_000_000);
    let amount: Decimal = "12.50".parse()?;
    let doc = json!({"a": [1, "?"]});
    let full = (id, "it's", 7, 0.5, true, at, amount, &b"\x00\xff"[..], &doc);
    assert_eq!(cx.execute(insert, full).await?, 1);
    let nulls = (
        "nulls",
        None::<&str>,
        None::<i64>,
        None::<f64>,
        None::<bool>,
        None::<DateTime<chrono::Utc>>,
        None::<Decimal>,
        None::<Vec<u8>>,
        None::<Value>,
    );
    assert_eq!(cx.execute(insert, nulls).await?, 1);
    let update = "UPDATE notes SET quantity = quantity + ? WHERE quantity = ? OR quantity IS NULL AND id = ?";
    assert_eq!(cx.execute(update, (1, 7, "x")).await?, 1);
    Ok(())
}

async fn connections(cx: &mut SyncContext<'_>) -> Result<(), BoxError> {
    let insert = "INSERT INTO notes (id) VALUES ('own')";
    let mut found = 0;
    if let Some(conn) = cx.sqlite() {
        sqlx::query(insert).execute(conn).await?;
        found += 1;
    }
    if let Some(conn) = cx.postgres() {
        sqlx::query(insert).execute(conn).await?;
        found += 1;
    }
    if let Some(conn) = cx.mysql() {
        sqlx::query(insert).execute(conn).await?;
        found += 1;
    }
    assert_eq!(found, 1);
    Ok(())
}

pub(crate) struct World {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
}

impl World {
    pub(crate) async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder()
            .seed(5)
            .account(ACCOUNT)
            .start()
            .await
            .unwrap();
        let database = Database::create(kind).await;
        let world = Self { fake, database };
        let (moment, bytes, double) = match world.database.pool {
            Pool::Sqlite(_) => ("DATETIME", "BLOB", "REAL"),
            Pool::Postgres(_) => ("timestamptz", "bytea", "double precision"),
            Pool::MySql(_) => ("TIMESTAMP(6) NULL", "BLOB", "DOUBLE"),
        };
        let doc = match world.database.pool {
            Pool::Postgres(_) => "jsonb",
            _ => "TEXT",
        };
        world
            .run(&format!(
                "CREATE TABLE notes (id VARCHAR(50) PRIMARY KEY, note TEXT, quantity BIGINT, ratio {double}, \
                 is_open BOOLEAN, at {moment}, amount DECIMAL(10, 2), bytes {bytes}, doc {doc})"
            ))
            .await;
        world
    }

    pub(crate) async fn end(self) {
        self.database.remove().await;
    }

    pub(crate) async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Pool::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Pool::MySql(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        }
        .unwrap();
    }

    /// Subscriptions with an item for each quantity.
    pub(crate) fn subscription(&self, id: &str, quantities: &[i64]) {
        let items: Vec<Value> = (1..)
            .zip(quantities)
            .map(|(number, quantity)| json!({"id": format!("si_{id}_{number}"), "quantity": quantity}))
            .collect();
        let subscription = json!({"id": id, "items": items});
        self.fake.create("subscription", subscription).unwrap();
        // Or the run reads it again, because its event is of the run's own time.
        self.fake.advance(DAY);
    }

    pub(crate) fn script(act: Act) -> Arc<Script> {
        Arc::new(Script {
            act,
            calls: AtomicUsize::new(0),
            meanwhile: Mutex::default(),
        })
    }

    pub(crate) fn syncer(&self, script: &Arc<Script>) -> Syncer {
        let stripe = self.fake.stripe().unwrap();
        let registry = Registry::new()
            .model::<Subscription>()
            .model_at::<Item>(TableName::new("placed_items"));
        Syncer::builder(stripe, self.database.store())
            .registry(registry)
            .state(Arc::clone(script))
            .build()
    }

    pub(crate) async fn sync(&self, act: Act) -> Report {
        let syncer = self.syncer(&Self::script(act));
        syncer.ensure_table::<Subscription>().await.unwrap();
        syncer.sync_all::<Subscription>().await.unwrap()
    }

    pub(crate) async fn items(&self) -> Vec<String> {
        let sql = match self.database.pool {
            Pool::MySql(_) => "SELECT CONCAT(id, ' ', quantity) FROM placed_items ORDER BY id",
            _ => "SELECT id || ' ' || quantity FROM placed_items ORDER BY id",
        };
        self.database
            .texts(sql)
            .await
            .into_iter()
            .flatten()
            .collect()
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let count = format!("SELECT COUNT(*) FROM {table}");
        self.database.number(&count).await
    }

    /// The only failure of a run.
    pub(crate) async fn failure(&self, act: Act) -> String {
        let report = self.sync(act).await;
        assert_eq!(report.failed, 1, "{report}");
        report.failures[0].reason.clone()
    }
}
