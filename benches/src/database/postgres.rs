//! PostgreSQL at `STRIPE_SYNC_TEST_POSTGRES`, with its ceiling and its counters.

mod copy;

use std::time::{Duration, Instant};

use stripe_sync::reexport::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use stripe_sync::reexport::sqlx::{self, Connection as _, PgConnection, PgPool, SqlSafeStr as _};
use stripe_sync::{IntoStore as _, Store};

use super::{Database, one_by_one, per_row, unique_name};
use crate::customers::{Failed, Values, sql, upsert};
use crate::process::cpu_time;

/// The server of `scripts/databases`.
const USUAL: &str = "postgres://postgres@127.0.0.1:5432";

/// A database on the server.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    server: PgConnectOptions,
    name: String,
}

/// What a run wrote, by PostgreSQL's own account.
#[derive(Debug, Clone, Copy)]
pub struct Wal {
    /// Bytes of WAL records about this database's relations, and of the transactions that wrote them, without
    /// full-page images.
    pub bytes: i64,
    /// Bytes of full-page images in the same records.
    pub page_images: i64,
    /// Rows of the table that were updated.
    pub updated: i64,
    /// Dead rows of the table.
    pub dead: i64,
}

/// Where WAL and counters stood.
#[derive(Debug, Clone)]
pub struct Mark {
    place: String,
    updated: i64,
    dead: i64,
}

/// The server.
fn address() -> Result<PgConnectOptions, Failed> {
    let url = std::env::var("STRIPE_SYNC_TEST_POSTGRES").unwrap_or_else(|_| USUAL.to_owned());
    Ok(url.parse()?)
}

impl Database for Postgres {
    const NAME: &'static str = "PostgreSQL";
    // A vacuum in the middle of a run would take back the dead rows that are counted.
    const FINISH_TABLE: &'static str = "CREATE INDEX customers_email ON customers (email); \
        ALTER TABLE customers SET (autovacuum_enabled = off)";

    async fn create() -> Result<Self, Failed> {
        let server = address()?;
        let name = unique_name();
        let mut connection = PgConnection::connect_with(&server).await?;
        sqlx::raw_sql(sql(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        let options = server.clone().database(&name);
        let pool = PgPoolOptions::new().connect_with(options).await?;
        Ok(Self { pool, server, name })
    }

    async fn remove(self) -> Result<(), Failed> {
        self.pool.close().await;
        let mut connection = PgConnection::connect_with(&self.server).await?;
        sqlx::raw_sql(sql(format!("DROP DATABASE {} WITH (FORCE)", self.name)))
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }

    fn store(&self) -> Store {
        self.pool.clone().into_store()
    }

    async fn run(&self, statements: &str) -> Result<(), Failed> {
        sqlx::raw_sql(sql(statements)).execute(&self.pool).await?;
        Ok(())
    }

    async fn number(&self, question: &str) -> Result<i64, Failed> {
        let question = sqlx::query_scalar(sql(question));
        Ok(question.fetch_one(&self.pool).await?)
    }

    fn plain_columns() -> &'static str {
        "id text PRIMARY KEY, email text, name text, phone text, description text, country text, city text, line1 text, \
         postal_code text, tenant text, balance bigint, currency text, delinquent boolean, \
         next_invoice_sequence bigint, tax_exempt text, created timestamptz NOT NULL, object jsonb NOT NULL"
    }

    async fn write_one_by_one(&self, rows: &[Values], in_transaction: usize) -> Result<(), Failed> {
        let conflict = "ON CONFLICT (id) DO UPDATE SET";
        let placeholder = |number| format!("${number}");
        let statement = sql(upsert(placeholder, conflict, ["excluded.", ""])).into_sql_str();
        one_by_one!(self.pool, statement.clone(), rows, in_transaction)
    }
}

impl Postgres {
    /// The database that another process has made.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn open(name: &str) -> Result<Self, Failed> {
        let server = address()?;
        let options = server.clone().database(name);
        let pool = PgPoolOptions::new().connect_with(options).await?;
        let name = name.to_owned();
        Ok(Self { pool, server, name })
    }

    /// When each event was done, in milliseconds since 1970 by the database's clock, which is this machine's.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn events_done(&self) -> Result<Vec<(String, i64)>, Failed> {
        let done = "SELECT id, done_at FROM stripe_sync_inbox WHERE state = 1";
        Ok(sqlx::query_as(done).fetch_all(&self.pool).await?)
    }

    /// The name, for another process to open it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The CPU time so far of the server's processes that serve this database; `None` where the server runs elsewhere.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn cpu_time(&self) -> Result<Option<Duration>, Failed> {
        let pids: Vec<i32> = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
        )
        .fetch_all(&self.pool)
        .await?;
        let time_of = |pid: i32| cpu_time(u32::try_from(pid).ok()?);
        Ok(pids.into_iter().map(time_of).sum())
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn count(&self, table: &str) -> Result<u64, Failed> {
        let rows: i64 = sqlx::query_scalar(sql(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(rows)?)
    }

    /// The ceiling: binary COPY, encoded before the clock runs, into an empty table that has no index and no key. The
    /// time for one row.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn time_copy(&self, rows: &[Values]) -> Result<Duration, Failed> {
        self.run("DROP TABLE IF EXISTS bare").await?;
        let columns = Self::plain_columns().replace(" PRIMARY KEY", "");
        self.run(&format!("CREATE TABLE bare ({columns})")).await?;
        let encoded = copy::encode(rows)?;
        let mut connection = self.pool.acquire().await?;
        let start = Instant::now();
        let mut copy = connection
            .copy_in_raw("COPY bare FROM STDIN (FORMAT binary)")
            .await?;
        copy.send(encoded).await?;
        let copied = copy.finish().await?;
        let time = start.elapsed();
        if copied != rows.len() as u64 {
            return Err(format!("COPY took {copied} of {} rows", rows.len()).into());
        }
        Ok(per_row(time, rows.len()))
    }

    /// Closes the pool, which sends the counters of its connections to the server, and opens another.
    ///
    /// # Errors
    /// When the server refuses.
    async fn reconnect(&mut self) -> Result<(), Failed> {
        self.pool.close().await;
        let options = self.server.clone().database(&self.name);
        self.pool = PgPoolOptions::new().connect_with(options).await?;
        Ok(())
    }

    /// Clears away the dead rows of earlier runs, which reading would prune, makes a checkpoint and remembers where WAL and the counters of `customers` stand. The next change of each page
    /// will log the whole page, as it does in production; [`wal_since`](Self::wal_since) takes those images out. A
    /// store that was made before has no connections any more.
    ///
    /// # Errors
    /// When the server refuses: a checkpoint needs the role `pg_checkpoint`.
    pub async fn mark(&mut self) -> Result<Mark, Failed> {
        self.reconnect().await?;
        self.run("CREATE EXTENSION IF NOT EXISTS pg_walinspect")
            .await?;
        // Several statements at once would be a transaction, in which there is no VACUUM.
        self.run("VACUUM customers").await?;
        self.run("CHECKPOINT").await?;
        let (updated, dead) = self.counters().await?;
        let place = sqlx::query_scalar("SELECT pg_current_wal_insert_lsn()::text")
            .fetch_one(&self.pool)
            .await?;
        Ok(Mark {
            place,
            updated,
            dead,
        })
    }

    /// What was written since. Other databases of the server may be at work: only records about relations of this
    /// database are counted, and the commits of their transactions.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn wal_since(&mut self, mark: &Mark) -> Result<Wal, Failed> {
        // A block is named `blkref #0: rel 1663/<database>/<relation> fork main blk 7`.
        let statement = "
            WITH records AS MATERIALIZED (
                SELECT xid, record_length, fpi_length, block_ref
                FROM pg_get_wal_records_info($1::pg_lsn, pg_current_wal_flush_lsn())
            ), own AS (
                SELECT DISTINCT xid FROM records, pg_database
                WHERE datname = current_database() AND block_ref LIKE '%/' || oid || '/%'
            )
            SELECT coalesce(sum(record_length - fpi_length), 0)::bigint, coalesce(sum(fpi_length), 0)::bigint
            FROM records, pg_database
            WHERE datname = current_database()
              AND (block_ref LIKE '%/' || oid || '/%'
                   OR block_ref IS NULL AND xid::text <> '0' AND xid IN (SELECT xid FROM own))";
        // The commit of the last transaction may not be flushed yet.
        self.run("SELECT pg_switch_wal()").await?;
        let (bytes, page_images) = sqlx::query_as(statement)
            .bind(&mark.place)
            .fetch_one(&self.pool)
            .await?;
        self.reconnect().await?;
        let (updated, dead) = self.counters().await?;
        Ok(Wal {
            bytes,
            page_images,
            updated: updated - mark.updated,
            dead: dead - mark.dead,
        })
    }

    async fn counters(&self) -> Result<(i64, i64), Failed> {
        Ok(sqlx::query_as(
            "SELECT n_tup_upd, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'customers'",
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
