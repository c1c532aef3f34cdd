//! A database of this process' own, whose connections are all open from the start and stay so.

use std::path::PathBuf;
use std::time::Duration;

use stripe_sync::Store;
use stripe_sync::reexport::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use stripe_sync::reexport::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use stripe_sync::reexport::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use stripe_sync::reexport::sqlx::{
    self, AssertSqlSafe, Connection as _, MySqlConnection, MySqlPool, PgConnection, PgPool,
    SqlitePool,
};

use crate::Failed;
use crate::clock::CpuTimes;
use crate::task::Engine;

/// The servers of `scripts/databases`.
const USUAL_POSTGRES: &str = "postgres://postgres@127.0.0.1:5432";
const USUAL_MARIA: &str = "mysql://root@127.0.0.1:3306";
/// As many as sqlx's pools have where nothing else is said.
const CONNECTIONS: u32 = 10;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database without tables.
pub(crate) enum Database {
    Sqlite(SqlitePool, PathBuf),
    Maria(MySqlPool, MySqlConnectOptions, String),
    Postgres(PgPool, PgConnectOptions, String),
}

/// Opens all connections of a pool: they are not part of a figure, and a server's threads are known before it.
macro_rules! open {
    ($options:ident, $connect:expr) => {{
        let pool = $options::new()
            .max_connections(CONNECTIONS)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with($connect)
            .await?;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(pool.acquire().await?);
        }
        drop(connections);
        pool
    }};
}

/// Runs statements on a connection of their own.
macro_rules! once {
    ($connection:ident, $server:expr, $statements:expr) => {{
        let mut connection = $connection::connect_with($server).await?;
        sqlx::raw_sql(AssertSqlSafe($statements))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
    }};
}

impl Database {
    pub(crate) async fn create(engine: Engine) -> Result<Self, Failed> {
        let name = format!("stripe_sync_against_{}", std::process::id());
        let address = |variable: &str, usual: &str| {
            std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
        };
        match engine {
            Engine::Sqlite => {
                let file = std::env::temp_dir().join(name);
                let options = SqliteConnectOptions::new()
                    .filename(&file)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(BUSY_TIMEOUT);
                Ok(Self::Sqlite(open!(SqlitePoolOptions, options), file))
            }
            Engine::Maria => {
                let server: MySqlConnectOptions =
                    address("STRIPE_SYNC_TEST_MYSQL", USUAL_MARIA).parse()?;
                once!(MySqlConnection, &server, format!("CREATE DATABASE {name}"));
                let pool = open!(MySqlPoolOptions, server.clone().database(&name));
                Ok(Self::Maria(pool, server, name))
            }
            Engine::Postgres => {
                let server: PgConnectOptions =
                    address("STRIPE_SYNC_TEST_POSTGRES", USUAL_POSTGRES).parse()?;
                once!(PgConnection, &server, format!("CREATE DATABASE {name}"));
                // What a parallel worker uses is in nobody's figure once it has ended.
                let alone = [("max_parallel_workers_per_gather", "0")];
                let options = server.clone().database(&name).options(alone);
                Ok(Self::Postgres(open!(PgPoolOptions, options), server, name))
            }
        }
    }

    /// The pool as a syncer takes it.
    pub(crate) fn store(&self) -> Store {
        match self {
            Self::Sqlite(pool, _) => pool.clone().into(),
            Self::Maria(pool, ..) => pool.clone().into(),
            Self::Postgres(pool, ..) => pool.clone().into(),
        }
    }

    /// The CPU times of the server's threads or processes that serve the pool's connections; none for SQLite.
    pub(crate) async fn server_times(&self) -> Result<CpuTimes, Failed> {
        let threads: Vec<i64> = match self {
            Self::Sqlite(..) => Vec::new(),
            Self::Maria(_, server, name) => {
                let mut connection = MySqlConnection::connect_with(server).await?;
                let tids =
                    "SELECT CAST(tid AS SIGNED) FROM information_schema.processlist WHERE db = ?";
                let threads = sqlx::query_scalar(tids)
                    .bind(name)
                    .fetch_all(&mut connection)
                    .await?;
                connection.close().await?;
                threads
            }
            Self::Postgres(_, server, name) => {
                let mut connection = PgConnection::connect_with(server).await?;
                let pids = "SELECT pid::bigint FROM pg_stat_activity \
                            WHERE datname = $1 AND backend_type = 'client backend'";
                let threads = sqlx::query_scalar(pids)
                    .bind(name)
                    .fetch_all(&mut connection)
                    .await?;
                connection.close().await?;
                threads
            }
        };
        let threads: Result<Vec<u32>, _> = threads.into_iter().map(u32::try_from).collect();
        CpuTimes::of(threads?)
    }

    /// Gives the customers' table its secondary index. On PostgreSQL a vacuum in the middle of a run would be the luck of
    /// one side.
    pub(crate) async fn finish_customers(&self) -> Result<(), Failed> {
        let index = "CREATE INDEX customers_email ON customers (email)";
        match self {
            Self::Sqlite(pool, _) => sqlx::raw_sql(index).execute(pool).await.map(drop)?,
            Self::Maria(pool, ..) => {
                // LONGTEXT takes no index without a length.
                let index = "CREATE INDEX customers_email ON customers (email(255))";
                sqlx::raw_sql(index).execute(pool).await.map(drop)?;
            }
            Self::Postgres(pool, ..) => {
                let vacuum = "ALTER TABLE customers SET (autovacuum_enabled = off)";
                sqlx::raw_sql(index).execute(pool).await?;
                sqlx::raw_sql(vacuum).execute(pool).await.map(drop)?;
            }
        }
        Ok(())
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, query: &'static str) -> Result<i64, Failed> {
        Ok(match self {
            Self::Sqlite(pool, _) => sqlx::query_scalar(query).fetch_one(pool).await?,
            Self::Maria(pool, ..) => sqlx::query_scalar(query).fetch_one(pool).await?,
            Self::Postgres(pool, ..) => sqlx::query_scalar(query).fetch_one(pool).await?,
        })
    }

    pub(crate) async fn remove(self) -> Result<(), Failed> {
        match self {
            Self::Sqlite(pool, file) => {
                pool.close().await;
                std::fs::remove_file(file)?;
            }
            Self::Maria(pool, server, name) => {
                pool.close().await;
                once!(MySqlConnection, &server, format!("DROP DATABASE {name}"));
            }
            Self::Postgres(pool, server, name) => {
                pool.close().await;
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                once!(PgConnection, &server, drop);
            }
        }
        Ok(())
    }
}
