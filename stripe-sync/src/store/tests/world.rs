//! A database of its own for each test.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::cell::{Cell, CellType};
use crate::freshness::ReadBy;
use crate::model::context::{Context, Origin};
use crate::model::{Model, StripeSync, hooks};
use crate::object::StripeObject;
use crate::store::backfill::PageState;
use crate::store::backfill::rider::PageRider;
use crate::store::backfill::run::RunSpec;
use crate::store::db::pool::Pool;
use crate::store::db::store::IntoStore;
use crate::store::db::{DatabaseKind, Scope, Store, StoreError};
use crate::store::rows::write::{WriteBatch, WriteReport};
use crate::store::rows::{KeyedRow, Rider, Written};
use crate::store::tables::RunLease;
use crate::store::tests::db::begun::Begun;

/// How long a statement of a test waits for a lock before it fails. MySQL counts whole seconds.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) struct World {
    pub(crate) store: Store,
    name: String,
}

/// Runs a test and drops its database, whatever came of it.
pub(crate) async fn run(world: World, test: impl for<'w> FnOnce(&'w World) -> BoxFuture<'w, ()>) {
    let result = AssertUnwindSafe(test(&world)).catch_unwind().await;
    world.drop_database().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("stripe_sync_test_{}_{number}", std::process::id())
}

#[cfg(feature = "postgres")]
fn postgres_url(name: &str) -> String {
    let server = std::env::var("STRIPE_SYNC_TEST_POSTGRES");
    let server = server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned());
    format!("{server}/{name}")
}

#[cfg(feature = "mysql")]
fn mysql_url(name: &str) -> String {
    let server = std::env::var("STRIPE_SYNC_TEST_MYSQL");
    let server = server.unwrap_or_else(|_| "mysql://root@127.0.0.1:3306".to_owned());
    format!("{server}/{name}")
}

#[cfg(feature = "sqlite")]
fn sqlite_path(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("{name}.db"))
}

impl World {
    #[cfg(feature = "sqlite")]
    pub(crate) async fn sqlite() -> Self {
        use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
        let name = unique_name();
        let options = SqliteConnectOptions::new()
            .filename(sqlite_path(&name))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Shorter than the tests hold locks, so that BUSY is met.
            .busy_timeout(Duration::from_millis(50));
        let pool = SqlitePoolOptions::new().max_connections(8);
        let pool = pool.connect_with(options).await.unwrap();
        Self {
            store: pool.into_store(),
            name,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres() -> Self {
        use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
        use sqlx::{Connection as _, PgConnection};
        let name = unique_name();
        let mut server = PgConnection::connect(&postgres_url("postgres"))
            .await
            .unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut server).await.unwrap();
        server.close().await.unwrap();
        let options: PgConnectOptions = postgres_url(&name).parse().unwrap();
        let timeout = format!("{}ms", LOCK_TIMEOUT.as_millis() * 2);
        let options = options.options([("lock_timeout", timeout.as_str())]);
        let pool = PgPoolOptions::new().max_connections(8);
        Self {
            store: pool.connect_with(options).await.unwrap().into_store(),
            name,
        }
    }

    #[cfg(feature = "mysql")]
    pub(crate) async fn mysql() -> Self {
        use sqlx::mysql::MySqlPoolOptions;
        use sqlx::{Connection as _, MySqlConnection};
        let name = unique_name();
        let mut server = MySqlConnection::connect(&mysql_url("")).await.unwrap();
        // Not the collation that keys need: a model's table says its own.
        let create =
            format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
        let create = AssertSqlSafe(create);
        sqlx::raw_sql(create).execute(&mut server).await.unwrap();
        server.close().await.unwrap();
        let pool = MySqlPoolOptions::new()
            .max_connections(8)
            .after_connect(|conn, _| {
                Box::pin(async move {
                    let set = format!(
                        "SET SESSION innodb_lock_wait_timeout = {}",
                        LOCK_TIMEOUT.as_secs()
                    );
                    sqlx::raw_sql(AssertSqlSafe(set)).execute(conn).await?;
                    Ok(())
                })
            });
        Self {
            store: pool.connect(&mysql_url(&name)).await.unwrap().into_store(),
            name,
        }
    }

    async fn drop_database(self) {
        match self.store.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(pool) => {
                pool.close().await;
                for end in ["", "-wal", "-shm"] {
                    let path = format!("{}{end}", sqlite_path(&self.name).display());
                    drop(std::fs::remove_file(path));
                }
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => {
                use sqlx::Connection as _;
                pool.close().await;
                let mut server = sqlx::PgConnection::connect(&postgres_url("postgres"))
                    .await
                    .unwrap();
                let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
                let statement = sqlx::raw_sql(AssertSqlSafe(statement));
                statement.execute(&mut server).await.unwrap();
            }
            #[cfg(feature = "mysql")]
            Pool::MySql(pool) => {
                let statement = format!("DROP DATABASE {}", self.name);
                let statement = sqlx::raw_sql(AssertSqlSafe(statement));
                statement.execute(&pool).await.unwrap();
                pool.close().await;
            }
        }
    }

    /// The same database through another store; it drops nothing.
    pub(crate) fn of(store: Store) -> Self {
        Self {
            store,
            name: String::new(),
        }
    }

    /// The same database through a pool of one connection.
    pub(crate) async fn alone(&self) -> Store {
        match &self.store.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(pool) => {
                let options = (*pool.connect_options()).clone();
                let alone = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
                alone.connect_with(options).await.unwrap().into_store()
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => {
                let options = (*pool.connect_options()).clone();
                let alone = sqlx::postgres::PgPoolOptions::new().max_connections(1);
                alone.connect_with(options).await.unwrap().into_store()
            }
            #[cfg(feature = "mysql")]
            Pool::MySql(pool) => {
                let options = (*pool.connect_options()).clone();
                let alone = sqlx::mysql::MySqlPoolOptions::new().max_connections(1);
                alone.connect_with(options).await.unwrap().into_store()
            }
        }
    }

    pub(crate) fn kind(&self) -> DatabaseKind {
        self.store.kind()
    }

    /// A name in the database's quotes.
    pub(crate) fn quoted(&self, name: &str) -> String {
        self.kind().sql().quote(name)
    }

    /// The account and mode of every test that does not care.
    pub(crate) fn scope() -> Scope {
        Scope {
            account: "acct_1".to_owned(),
            livemode: false,
        }
    }

    /// Creates a model's table, which is bound with the first rows.
    pub(crate) async fn table<M: StripeSync>(&self) {
        self.store.ensure_table(M::MODEL).await.unwrap();
        self.store
            .check_owner(M::MODEL, &Self::scope(), false)
            .await
            .unwrap();
    }

    pub(crate) async fn next_token(&self) -> i64 {
        self.store.next_token().await.unwrap()
    }

    /// Begins a transaction of the test's own.
    pub(crate) async fn begin(&self) -> Begun {
        Begun::new(&self.store).await.unwrap()
    }

    /// Runs a statement of the test's own.
    pub(crate) async fn run(&self, sql: impl Into<String>) {
        let mut transaction = self.begin().await;
        transaction.conn().run(sql.into()).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Reads with a statement of the test's own.
    pub(crate) async fn rows(
        &self,
        sql: impl Into<String>,
        columns: &[CellType],
    ) -> Vec<Vec<Cell<'static>>> {
        let mut transaction = self.begin().await;
        let sql = AssertSqlSafe(sql.into()).into_sql_str();
        let rows = transaction.conn().cells(sql, &[], columns).await.unwrap();
        transaction.rollback().await.unwrap();
        rows
    }

    /// One value.
    pub(crate) async fn value(&self, sql: impl Into<String>, column: CellType) -> Cell<'static> {
        let mut rows = self.rows(sql, &[column]).await;
        assert_eq!(rows.len(), 1, "expected one row");
        rows.remove(0).remove(0)
    }

    /// One value that is text.
    pub(crate) async fn text(&self, sql: impl Into<String>) -> Option<String> {
        match self.value(sql, CellType::Text).await {
            Cell::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    /// One value that is a number.
    pub(crate) async fn number(&self, sql: impl Into<String>) -> i64 {
        match self.value(sql, CellType::Integer).await {
            Cell::Integer(number) => number,
            other => panic!("expected a number, found {other:?}"),
        }
    }

    /// Writes objects as the one list page of a run that begins now.
    pub(crate) async fn list<M: StripeSync>(&self, objects: &[String]) -> Vec<Written> {
        self.store.prepare().await.unwrap();
        let opening = RunSpec {
            identity: 0,
            restart: true,
            change_filter: false,
            slices: Vec::new(),
        };
        let run = self
            .store
            .open_run(M::MODEL, &Self::scope(), &opening)
            .await;
        drop(run.unwrap());
        Write::list(self.next_token().await)
            .rows::<M>(self, objects)
            .await
    }

    /// Writes objects that are read one by one now.
    pub(crate) async fn single<M: StripeSync>(&self, objects: &[String]) -> Vec<Written> {
        Write::single(self.next_token().await)
            .rows::<M>(self, objects)
            .await
    }
}

/// How objects are written.
#[derive(Clone)]
pub(crate) struct Write<'a> {
    pub(crate) scope: Scope,
    pub(crate) start: i64,
    pub(crate) by: ReadBy,
    pub(crate) rewrite_unchanged: bool,
    pub(crate) expect_all_new: bool,
    pub(crate) lease: Option<&'a RunLease>,
}

impl Write<'_> {
    pub(crate) fn list(start: i64) -> Self {
        Self {
            scope: World::scope(),
            start,
            by: ReadBy::List,
            rewrite_unchanged: false,
            expect_all_new: false,
            lease: None,
        }
    }

    pub(crate) fn single(start: i64) -> Self {
        Self {
            by: ReadBy::Id,
            ..Self::list(start)
        }
    }

    pub(crate) async fn report<M: StripeSync>(
        &self,
        world: &World,
        objects: &[String],
    ) -> Result<WriteReport, StoreError> {
        self.with_state::<M>(world, objects, PageState::default())
            .await
    }

    pub(crate) async fn with_state<M: StripeSync>(
        &self,
        world: &World,
        objects: &[String],
        state: PageState,
    ) -> Result<WriteReport, StoreError> {
        let context = Context::new(Origin::Backfill)
            .with_account(self.scope.account.as_str(), self.scope.livemode);
        let mut rows = Vec::new();
        for object in objects {
            rows.push(keyed(M::MODEL, object, &context).await);
        }
        let page = self.lease.map(|lease| PageRider { lease, state });
        let riders: Vec<&dyn Rider> = page.iter().map(|page| page as &dyn Rider).collect();
        let batch = WriteBatch {
            model: M::MODEL,
            scope: &self.scope,
            rows,
            start: self.start,
            by: self.by,
            rewrite_unchanged: self.rewrite_unchanged,
            existing_only: false,
            expect_all_new: self.expect_all_new,
            riders: &riders,
            lease: self.lease,
            context: &context,
        };
        world.store.write(batch).await
    }

    /// What became of each object, in the order of their ids.
    pub(crate) async fn rows<M: StripeSync>(
        &self,
        world: &World,
        objects: &[String],
    ) -> Vec<Written> {
        let mut rows = self.report::<M>(world, objects).await.unwrap().rows;
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows.into_iter().map(|(_, written)| written).collect()
    }
}

async fn keyed(model: &'static Model, json: &str, context: &Context) -> KeyedRow {
    let mut object = StripeObject::from_json(json.to_owned()).unwrap();
    let row = hooks::map(model, &mut object, context).await.unwrap();
    let id = object.id().to_owned();
    KeyedRow::new(model, id, row, Some(object))
}
