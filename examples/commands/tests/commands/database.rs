//! A database of a test's own, as an address.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use stripe_sync::reexport::sqlx::sqlite::SqlitePool;
use stripe_sync::reexport::sqlx::{
    self, AssertSqlSafe, Connection as _, MySqlConnection, MySqlPool, PgConnection, PgPool,
};
use stripe_sync::{DatabaseKind, IntoStore as _, Store};

/// A database that is removed at the end of its test.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) kind: DatabaseKind,
    pub(crate) url: String,
    name: String,
}

/// The server in an environment variable, or the one that `scripts/test` would find.
fn server(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
}

fn postgres() -> String {
    server(
        "STRIPE_SYNC_TEST_POSTGRES",
        "postgres://postgres@127.0.0.1:5432",
    )
}

fn mysql() -> String {
    server("STRIPE_SYNC_TEST_MYSQL", "mysql://root@127.0.0.1:3306")
}

impl Database {
    /// A new one; SQLite's is a file in the directory.
    pub(crate) async fn create(kind: DatabaseKind, directory: &Path) -> Self {
        // Process ids come again, so the clock is part of the name.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let name = format!(
            "stripe_sync_commands_{}_{}",
            std::process::id(),
            now.as_nanos()
        );
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        let url = match kind {
            DatabaseKind::Sqlite => format!("sqlite:{}", directory.join("stripe.db").display()),
            DatabaseKind::Postgres => {
                let mut server = PgConnection::connect(&format!("{}/postgres", postgres()))
                    .await
                    .unwrap();
                sqlx::raw_sql(create).execute(&mut server).await.unwrap();
                format!("{}/{name}", postgres())
            }
            DatabaseKind::MySql => {
                let mut server = MySqlConnection::connect(&mysql()).await.unwrap();
                sqlx::raw_sql(create).execute(&mut server).await.unwrap();
                format!("{}/{name}", mysql())
            }
            other => panic!("no test database for {other:?}"),
        };
        Self { kind, url, name }
    }

    pub(crate) async fn remove(self) {
        let remove = AssertSqlSafe(format!("DROP DATABASE {}", self.name));
        match self.kind {
            DatabaseKind::Postgres => {
                let mut server = PgConnection::connect(&format!("{}/postgres", postgres()))
                    .await
                    .unwrap();
                let remove = AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name));
                sqlx::raw_sql(remove).execute(&mut server).await.unwrap();
            }
            DatabaseKind::MySql => {
                let mut server = MySqlConnection::connect(&mysql()).await.unwrap();
                sqlx::raw_sql(remove).execute(&mut server).await.unwrap();
            }
            // Its directory is removed.
            _ => {}
        }
    }

    /// The texts of one column of a table.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        macro_rules! read {
            ($pool:ident) => {{
                let pool = $pool::connect(&self.url).await.unwrap();
                let texts = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
                    .fetch_all(&pool)
                    .await;
                pool.close().await;
                texts.unwrap()
            }};
        }
        match self.kind {
            DatabaseKind::Postgres => read!(PgPool),
            DatabaseKind::MySql => read!(MySqlPool),
            _ => read!(SqlitePool),
        }
    }

    /// Runs a statement.
    pub(crate) async fn run(&self, sql: &str) {
        macro_rules! run {
            ($pool:ident) => {{
                let pool = $pool::connect(&self.url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
                    .execute(&pool)
                    .await
                    .unwrap();
                pool.close().await;
            }};
        }
        match self.kind {
            DatabaseKind::Postgres => run!(PgPool),
            DatabaseKind::MySql => run!(MySqlPool),
            _ => run!(SqlitePool),
        }
    }

    /// The same database for a syncer of the test's own.
    pub(crate) async fn store(&self) -> Store {
        match self.kind {
            DatabaseKind::Postgres => PgPool::connect(&self.url).await.unwrap().into_store(),
            DatabaseKind::MySql => MySqlPool::connect(&self.url).await.unwrap().into_store(),
            _ => SqlitePool::connect(&self.url).await.unwrap().into_store(),
        }
    }
}

/// A directory of a test's own.
pub(crate) fn directory() -> PathBuf {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let name = format!(
        "stripe-sync-commands-{}-{}",
        std::process::id(),
        now.as_nanos()
    );
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}
