//! A database of a test's own, on each of the three.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use stripe_sync::reexport::sqlx::mysql::MySqlPoolOptions;
use stripe_sync::reexport::sqlx::postgres::PgPoolOptions;
use stripe_sync::reexport::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
};
use stripe_sync::reexport::sqlx::{
    self, AssertSqlSafe, Connection as _, MySqlConnection, MySqlPool, PgConnection, PgPool,
    SqlitePool,
};
use stripe_sync::{DatabaseKind, IntoStore as _, Store};

const CONNECTIONS: u32 = 8;

/// The pool of a database that [`Database::drop`](Database::remove) removes again.
pub(crate) struct Database {
    pub(crate) pool: Pool,
    name: String,
}

#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// The server in an environment variable, or the one that `scripts/test` would find.
fn server(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
}

#[allow(dead_code, reason = "not every test of this folder asks")]
pub(crate) fn postgres() -> String {
    server(
        "STRIPE_SYNC_TEST_POSTGRES",
        "postgres://postgres@127.0.0.1:5432",
    )
}

fn mysql() -> String {
    server("STRIPE_SYNC_TEST_MYSQL", "mysql://root@127.0.0.1:3306")
}

/// Process ids come again, so the clock is part of the name.
fn unique_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("stripe_sync_{}_{}", std::process::id(), now.as_nanos())
}

impl Database {
    pub(crate) async fn create(kind: DatabaseKind) -> Self {
        let name = unique_name();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        let pool = match kind {
            DatabaseKind::Sqlite => {
                let options = SqliteConnectOptions::new()
                    .filename(file(&name))
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .busy_timeout(Duration::from_millis(200));
                let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
                Pool::Sqlite(pool.connect_with(options).await.unwrap())
            }
            DatabaseKind::Postgres => {
                let url = format!("{}/postgres", postgres());
                let mut server = PgConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(create).execute(&mut server).await.unwrap();
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
                let url = format!("{}/{name}", postgres());
                Pool::Postgres(pool.connect(&url).await.unwrap())
            }
            DatabaseKind::MySql => {
                let mut server = MySqlConnection::connect(&mysql()).await.unwrap();
                // A poor character set, as old servers have by default: the tables must bring their own.
                let create = AssertSqlSafe(format!("CREATE DATABASE {name} CHARACTER SET latin1"));
                sqlx::raw_sql(create).execute(&mut server).await.unwrap();
                let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS);
                let url = format!("{}/{name}", mysql());
                Pool::MySql(pool.connect(&url).await.unwrap())
            }
            other => panic!("no test database for {other:?}"),
        };
        Self { pool, name }
    }

    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) fn store(&self) -> Store {
        match &self.pool {
            Pool::Sqlite(pool) => pool.into_store(),
            Pool::Postgres(pool) => pool.into_store(),
            Pool::MySql(pool) => pool.into_store(),
        }
    }

    /// The name that the server knows it by.
    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same database through another pool, which drops nothing.
    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) async fn another(&self) -> Self {
        let pool = match &self.pool {
            Pool::Sqlite(pool) => {
                let options = (*pool.connect_options()).clone();
                Pool::Sqlite(SqlitePool::connect_with(options).await.unwrap())
            }
            Pool::Postgres(pool) => {
                let options = (*pool.connect_options()).clone();
                Pool::Postgres(PgPool::connect_with(options).await.unwrap())
            }
            Pool::MySql(pool) => {
                let options = (*pool.connect_options()).clone();
                Pool::MySql(MySqlPool::connect_with(options).await.unwrap())
            }
        };
        Self {
            pool,
            name: self.name.clone(),
        }
    }

    /// Closes the pool and leaves the database.
    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) async fn close(self) {
        match self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
            Pool::MySql(pool) => pool.close().await,
        }
    }

    pub(crate) async fn remove(self) {
        let drop = format!("DROP DATABASE {}", self.name);
        match self.pool {
            Pool::Sqlite(pool) => {
                pool.close().await;
                for end in ["", "-wal", "-shm"] {
                    std::fs::remove_file(format!("{}{end}", file(&self.name))).ok();
                }
            }
            Pool::Postgres(pool) => {
                pool.close().await;
                let url = format!("{}/postgres", postgres());
                let mut server = PgConnection::connect(&url).await.unwrap();
                let drop = AssertSqlSafe(format!("{drop} WITH (FORCE)"));
                sqlx::raw_sql(drop).execute(&mut server).await.unwrap();
            }
            Pool::MySql(pool) => {
                sqlx::raw_sql(AssertSqlSafe(drop))
                    .execute(&pool)
                    .await
                    .unwrap();
                pool.close().await;
            }
        }
    }
}

fn file(name: &str) -> String {
    std::env::temp_dir()
        .join(format!("{name}.db"))
        .display()
        .to_string()
}
