//! The counter of tokens.

use super::Store;
use super::db::connection::Conn;
#[cfg(feature = "mysql")]
use super::db::connection::Link;
use super::db::door::query;
use super::db::error::StoreError;
use super::db::retry::TxError;

/// What a counter skips that a crash may have set back: a second of asynchronous commits takes some thousand tokens.
const LEAP: i64 = 1_000_000;

impl Store {
    /// Returns the next token: larger than every one before it, in whatever process.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn tick(&self) -> Result<i64, StoreError> {
        query!(self, "stripe_sync_clock", async |conn| { tick(conn).await })
    }
}

/// Returns the next token. On MySQL it is not taken inside a transaction: the counter's row would stay locked until the
/// end.
pub(super) async fn tick(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    #[cfg(feature = "mysql")]
    #[allow(irrefutable_let_patterns, reason = "MySQL may be the only database")]
    if let Link::MySql(link) = &mut conn.link {
        return super::mysql::tick(link, conn.settings).await;
    }
    let sql = match conn.kind().is_postgres() {
        true => "SELECT $next_token",
        false => "UPDATE $clock SET token = token + 1 RETURNING token",
    };
    let (token,) = conn.one::<(i64,)>(sql, &[]).await?;
    Ok(token)
}

/// Returns a token for a table whose lock is gone, as after a crash of a PostgreSQL server. Such a server may have lost the
/// last numbers of its sequence too, while a process still has them: it leaps over more than it can have lost.
pub(super) async fn leap(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    if !conn.kind().is_postgres() {
        return tick(conn).await;
    }
    let (token,) = conn
        .one::<(i64,)>(format!("SELECT $skip_tokens({LEAP})"), &[])
        .await?;
    Ok(token)
}
