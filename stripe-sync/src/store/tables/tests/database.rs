//! A database of its own for each test, over a pool of sqlx.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr as _};
use stripe_sync_schema::bookkeeping::{Bookkeeping, Lock, Placement, Question, TablesError};

use crate::store::db::DatabaseKind;
use crate::store::db::store::DDL_TIMEOUT;

/// The password of roles that tests create.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const PASSWORD: &str = "only_for_tests";

/// A row: each column as text.
pub(crate) type Texts = Vec<Option<String>>;

pub(crate) struct Database {
    pool: Pool,
    pub(crate) name: String,
}

enum Pool {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlPool),
}

/// Runs an expression with the pool.
macro_rules! with_pool {
    ($database:expr, |$pool:ident| $body:expr) => {
        match &$database.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite($pool) => $body,
            #[cfg(feature = "postgres")]
            Pool::Postgres($pool) => $body,
            #[cfg(feature = "mysql")]
            Pool::MySql($pool) => $body,
        }
    };
}

/// Runs statements that were written as text.
macro_rules! run {
    ($connection:expr, $sql:expr) => {
        let statement = sqlx::raw_sql(AssertSqlSafe(String::from($sql)));
        let result = statement.execute(&mut *$connection).await;
        result.unwrap_or_else(|error| panic!("{error}\n{}", $sql));
    };
}

/// Asks for columns that are text.
macro_rules! texts {
    ($executor:expr, $sql:expr, $binds:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe(String::from($sql)).into_sql_str());
        for bind in $binds {
            query = query.bind(bind);
        }
        let rows = query.fetch_all($executor).await;
        let rows = rows.unwrap_or_else(|error| panic!("{error}\n{}", $sql));
        let mut texts: Vec<Texts> = Vec::with_capacity(rows.len());
        for row in &rows {
            texts.push((0..row.len()).map(|index| row.get(index)).collect());
        }
        texts
    }};
}

/// Asks for one number, if there is a row.
macro_rules! number {
    ($executor:expr, $sql:expr) => {{
        let query = sqlx::query_scalar(AssertSqlSafe(String::from($sql)).into_sql_str());
        let number: Result<Option<i64>, _> = query.fetch_optional($executor).await;
        number.unwrap_or_else(|error| panic!("{error}\n{}", $sql))
    }};
}

/// What is missing of the tables.
macro_rules! planned {
    ($tables:expr, $connection:expr) => {{
        let tables = $tables;
        let Question { sql, binds } = tables.look();
        let rows = texts!(&mut *$connection, sql.as_str(), &binds);
        let found = tables.found(rows.into_iter().map(|row| {
            let [what, name, column] = row.try_into().unwrap();
            (what.unwrap(), name.unwrap(), column.unwrap())
        }));
        let version = match tables.version(&found) {
            Some(question) => number!(&mut *$connection, &question),
            None => None,
        };
        tables.plan(&found, version)
    }};
}

/// Runs a test and drops its database, whatever came of it.
pub(crate) async fn run(
    database: Database,
    test: impl for<'d> FnOnce(&'d Database) -> BoxFuture<'d, ()>,
) {
    let result = AssertUnwindSafe(test(&database)).catch_unwind().await;
    database.drop_all().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("stripe_sync_tables_{}_{number}", std::process::id())
}

#[cfg(feature = "postgres")]
fn postgres_server() -> String {
    let server = std::env::var("STRIPE_SYNC_TEST_POSTGRES");
    server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned())
}

#[cfg(feature = "mysql")]
fn mysql_server() -> String {
    let server = std::env::var("STRIPE_SYNC_TEST_MYSQL");
    server.unwrap_or_else(|_| "mysql://root@127.0.0.1:3306".to_owned())
}

impl Database {
    /// In memory; one connection, which keeps what it attaches.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn sqlite() -> Self {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.idle_timeout(None).max_lifetime(None);
        Self {
            pool: Pool::Sqlite(pool.connect("sqlite::memory:").await.unwrap()),
            name: unique_name(),
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres() -> Self {
        let name = unique_name();
        let server = Self::postgres_pool("postgres", None).await;
        server.run(&format!("CREATE DATABASE {name}")).await;
        server.close().await;
        Self::postgres_pool(&name, None).await
    }

    #[cfg(feature = "postgres")]
    async fn postgres_pool(name: &str, role: Option<&str>) -> Self {
        let url = format!("{}/{name}", postgres_server());
        let mut options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        if let Some(role) = role {
            options = options.username(role).password(PASSWORD);
        }
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(4);
        Self {
            pool: Pool::Postgres(pool.connect_with(options).await.unwrap()),
            name: name.to_owned(),
        }
    }

    #[cfg(feature = "mysql")]
    pub(crate) async fn mysql() -> Self {
        let name = unique_name();
        let server = Self::mysql_pool("", None).await;
        // Not the collation of the bookkeeping tables, which say their own.
        let create =
            format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
        server.run(&create).await;
        server.close().await;
        Self::mysql_pool(&name, None).await
    }

    #[cfg(feature = "mysql")]
    async fn mysql_pool(name: &str, role: Option<&str>) -> Self {
        let url = format!("{}/{name}", mysql_server());
        let mut options: sqlx::mysql::MySqlConnectOptions = url.parse().unwrap();
        if let Some(role) = role {
            options = options.username(role).password(PASSWORD);
        }
        let pool = sqlx::mysql::MySqlPoolOptions::new().max_connections(4);
        Self {
            pool: Pool::MySql(pool.connect_with(options).await.unwrap()),
            name: name.to_owned(),
        }
    }

    /// The database as a new role sees it that may read and write the tables there are, and nothing else.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) async fn as_writer(&self) -> Self {
        let role = &self.name;
        let rights = "SELECT, INSERT, UPDATE, DELETE";
        match self.kind() {
            #[cfg(feature = "postgres")]
            DatabaseKind::Postgres => {
                self.run(&format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"))
                    .await;
                self.run(&format!(
                    "GRANT {rights} ON ALL TABLES IN SCHEMA public TO {role}"
                ))
                .await;
                Self::postgres_pool(&self.name, Some(role)).await
            }
            #[cfg(feature = "mysql")]
            DatabaseKind::MySql => {
                self.run(&format!(
                    "CREATE USER '{role}'@'%' IDENTIFIED BY '{PASSWORD}'"
                ))
                .await;
                self.run(&format!(
                    "GRANT {rights} ON {}.* TO '{role}'@'%'",
                    self.name
                ))
                .await;
                Self::mysql_pool(&self.name, Some(role)).await
            }
            #[cfg(feature = "sqlite")]
            DatabaseKind::Sqlite => panic!("SQLite has no roles"),
        }
    }

    pub(crate) async fn close(&self) {
        with_pool!(self, |pool| pool.close().await);
    }

    /// Drops the database, and what a test made beside it under its name.
    async fn drop_all(self) {
        self.close().await;
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        let name = &self.name;
        match self.kind() {
            #[cfg(feature = "sqlite")]
            DatabaseKind::Sqlite => {}
            #[cfg(feature = "postgres")]
            DatabaseKind::Postgres => {
                let server = Self::postgres_pool("postgres", None).await;
                server
                    .run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await;
                server.run(&format!("DROP ROLE IF EXISTS {name}")).await;
                server.close().await;
            }
            #[cfg(feature = "mysql")]
            DatabaseKind::MySql => {
                let server = Self::mysql_pool("", None).await;
                for name in [name.clone(), format!("{name}_other")] {
                    server.run(&format!("DROP DATABASE IF EXISTS {name}")).await;
                }
                server
                    .run(&format!("DROP USER IF EXISTS '{name}'@'%'"))
                    .await;
                server.close().await;
            }
        }
    }

    pub(crate) fn kind(&self) -> DatabaseKind {
        match &self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(_) => DatabaseKind::Sqlite,
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => DatabaseKind::Postgres,
            #[cfg(feature = "mysql")]
            Pool::MySql(_) => DatabaseKind::MySql,
        }
    }

    /// The bookkeeping tables where a placement puts them.
    pub(crate) fn tables<'p>(&self, placement: &'p Placement) -> Bookkeeping<'p> {
        Bookkeeping::new(self.kind().sql(), placement)
    }

    /// Runs statements that were written as text.
    pub(crate) async fn run(&self, sql: &str) {
        let result = self.try_run(sql).await;
        result.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    pub(crate) async fn try_run(&self, sql: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        with_pool!(self, |pool| statement.execute(pool).await.map(drop))
    }

    /// Runs statements one after another, as a migration of one's own does. Returns the one that was refused, if one was.
    pub(crate) async fn run_until_refused<'s>(&self, statements: &'s [String]) -> Option<&'s str> {
        for sql in statements {
            if self.try_run(sql).await.is_err() {
                return Some(sql);
            }
        }
        None
    }

    /// Runs statements as a process does that prepares the tables: in a transaction, which on MySQL holds nothing together.
    pub(crate) async fn run_all(&self, statements: &[String]) {
        with_pool!(self, |pool| {
            let mut transaction = pool.begin().await.unwrap();
            for sql in statements {
                let statement = sqlx::raw_sql(AssertSqlSafe(sql.clone()));
                let result = statement.execute(&mut *transaction).await;
                result.unwrap_or_else(|error| panic!("{error}\n{sql}"));
            }
            transaction.commit().await.unwrap();
        });
    }

    /// Asks for columns that are text.
    pub(crate) async fn rows(&self, sql: &str, binds: &[String]) -> Vec<Texts> {
        with_pool!(self, |pool| texts!(pool, sql, binds))
    }

    /// Asks for one number, if there is a row.
    pub(crate) async fn number(&self, sql: &str) -> Option<i64> {
        with_pool!(self, |pool| number!(pool, sql))
    }

    /// What is missing of the tables.
    pub(crate) async fn plan(&self, placement: &Placement) -> Result<Vec<String>, TablesError> {
        with_pool!(self, |pool| {
            let mut connection = pool.acquire().await.unwrap();
            planned!(self.tables(placement), &mut *connection)
        })
    }

    /// Creates what is missing of the tables, as a process does that does not know who else does; returns how many
    /// statements that took.
    pub(crate) async fn prepare(&self, placement: &Placement) -> usize {
        let begin = self.kind().dialect().begin;
        let lock = Lock::of(self.kind().sql(), DDL_TIMEOUT);
        with_pool!(self, |pool| {
            let mut connection = pool.acquire().await.unwrap();
            let connection = &mut *connection;
            run!(connection, begin);
            if let Some(lock) = &lock {
                assert_eq!(number!(&mut *connection, &lock.take), Some(1));
            }
            let statements = planned!(self.tables(placement), &mut *connection).unwrap();
            for sql in &statements {
                run!(connection, sql);
            }
            run!(connection, "COMMIT");
            if let Some(give) = lock.as_ref().and_then(|lock| lock.give.as_ref()) {
                run!(connection, give);
            }
            statements.len()
        })
    }
}
