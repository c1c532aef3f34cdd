//! The bookkeeping tables and the counter of tokens.

use super::connection::{Bind, Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::{Store, with_connection};
use crate::cell::CellType;

/// PostgreSQL's `CREATE ... IF NOT EXISTS` fails when two sessions do it at once; this lock lets one wait for the
/// other. The number is arbitrary, and the same in every version.
const PREPARE_LOCK: i64 = 0x0073_7472_6970_6573;

impl Store {
    /// Creates the bookkeeping tables where they are missing. Costs nothing the second time.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn prepare(&self) -> Result<(), StoreError> {
        self.seen
            .prepared
            .get_or_try_init(|| async {
                let mut tries = Tries::new("stripe_sync_clock", self.kind());
                loop {
                    match self.try_prepare().await {
                        Ok(()) => return Ok(()),
                        Err(fault) => tries.again(fault).await?,
                    }
                }
            })
            .await
            .copied()
    }

    async fn try_prepare(&self) -> Result<(), Fault> {
        self.create_tables(self.kind().dialect().prepare).await
    }

    pub(super) async fn create_tables(
        &self,
        statements: &'static [&'static str],
    ) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        if self.kind().is_postgres() {
            conn.run(format!("SELECT pg_advisory_xact_lock({PREPARE_LOCK})"))
                .await?;
        }
        #[cfg(feature = "mysql")]
        if self.kind().is_mysql() && !super::mysql::is_strict(&mut conn).await? {
            return Err(StoreError::NotStrict.into());
        }
        for statement in statements {
            if !exists(&mut conn, statement).await? {
                conn.run(*statement).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The next token: larger than every one before it, in whatever process.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn tick(&self) -> Result<i64, StoreError> {
        let mut tries = Tries::new("stripe_sync_clock", self.kind());
        loop {
            match self.try_tick().await {
                Ok(token) => return Ok(token),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_tick(&self) -> Result<i64, Fault> {
        with_connection!(self, |conn| Ok(tick(&mut conn).await?))
    }
}

/// Whether a statement makes an index that PostgreSQL has already. There, `IF NOT EXISTS` locks the table against writers
/// before it looks: a process that starts would stop the workers of all others, or meet them in a deadlock.
async fn exists(conn: &mut Conn<'_>, statement: &str) -> Result<bool, sqlx::Error> {
    let index = statement.strip_prefix("CREATE INDEX IF NOT EXISTS ");
    let Some(name) = index.and_then(|index| index.split(' ').next()) else {
        return Ok(false);
    };
    if !conn.kind().is_postgres() {
        return Ok(false);
    }
    let sql = conn.sql("SELECT COUNT(to_regclass(?))".to_owned());
    let rows = conn
        .fetch(sql, &[Bind::text(name)], &[CellType::Integer])
        .await?;
    let known = rows.into_iter().next();
    Ok(known.is_some_and(|row| Taken::new(row).integer() > 0))
}

/// The next token. On MySQL it is not taken inside a transaction: the counter's row would stay locked until the end.
pub(super) async fn tick(conn: &mut Conn<'_>) -> Result<i64, sqlx::Error> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => {
            let raise = "UPDATE stripe_sync_clock SET token = token + 1 RETURNING token";
            number(conn, raise).await
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => number(conn, "SELECT nextval('stripe_sync_clock')").await,
        #[cfg(feature = "mysql")]
        Conn::MySql(conn) => super::mysql::tick(conn).await,
    }
}

/// A token for a table whose lock is gone, as after a crash of a PostgreSQL server. Such a server may have lost the last
/// numbers of its sequence too, while a process still has them: it leaps over more than it can have lost.
pub(super) async fn leap(conn: &mut Conn<'_>) -> Result<i64, sqlx::Error> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => {
            // A second of asynchronous commits holds some thousand tokens.
            let leap = "SELECT setval('stripe_sync_clock', nextval('stripe_sync_clock') + 1000000)";
            number(conn, leap).await
        }
        #[allow(unreachable_patterns, reason = "PostgreSQL may be the only database")]
        _ => tick(conn).await,
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
async fn number(conn: &mut Conn<'_>, sql: &'static str) -> Result<i64, sqlx::Error> {
    let sql = sqlx::SqlSafeStr::into_sql_str(sql);
    let rows = conn.fetch(sql, &[], &[CellType::Integer]).await?;
    rows.into_iter()
        .next()
        .map(|row| Taken::new(row).integer())
        .ok_or(sqlx::Error::RowNotFound)
}

/// The parameters that name a table, an account and a mode in each bookkeeping table.
pub(super) fn scope_binds<'a>(table: &'a str, account: &'a str, livemode: bool) -> [Bind<'a>; 3] {
    [
        Bind::text(table),
        Bind::text(account),
        Bind::boolean(livemode),
    ]
}
