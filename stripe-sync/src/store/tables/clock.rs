//! The counter of tokens.

use crate::freshness::Decision;
use crate::store::db::{
    Bind, Conn, Scope, Store, StoreError, TableContext, TxError, query, transaction,
};
use crate::store::tables::{LockedTable, cursors};

/// What a counter skips that a crash may have set back: a second of asynchronous commits takes some thousand tokens.
const LEAP: i64 = 1_000_000;
/// No counter reaches this token: at the hundred requests a second that Stripe allows it takes three hundred years. A row
/// that has a larger one got it from something else, and the counter does not follow.
const OUT_OF_REACH: i64 = 1_000_000_000_000;
/// The most tokens that PostgreSQL's function skips at once.
const LONGEST_SKIP: i64 = 1_000_000_000;
/// What errors name.
const CLOCK: &str = "stripe_sync_clock";

impl Store {
    /// Returns the next token: larger than every one before it, in whatever process.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn next_token(&self) -> Result<i64, StoreError> {
        query!(self, CLOCK, async |conn| { next_token(conn).await })
    }

    /// The same for a transaction that cannot take one itself; `None` where it can.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn token_before(&self) -> Result<Option<i64>, StoreError> {
        match self.kind().dialect().token_before {
            true => self.next_token().await.map(Some),
            false => Ok(None),
        }
    }

    /// Raises the counter above a token that it has not given: rows came from a dump or another database, or the
    /// bookkeeping was lost. No read could begin after such a row otherwise, so it would never be written again.
    ///
    /// The token to which the counter is raised is stored before and after it is: of the tokens up to there it is unknown
    /// which were given since a run began.
    ///
    /// # Errors
    /// When no counter reaches the token, or the database fails.
    pub(crate) async fn raise_clock(&self, table: &str, token: i64) -> Result<(), StoreError> {
        if token > OUT_OF_REACH {
            return Err(StoreError::TokenOutOfReach {
                table: table.to_owned(),
                token,
            });
        }
        // Other rows may have tokens that are a little larger.
        let token = token.saturating_add(LEAP);
        tracing::warn!(
            name: "stripe_sync.clock_raised",
            table,
            token,
            "a row has a token that was not given by this bookkeeping; the clock is raised above it"
        );
        transaction!(self, CLOCK, async |conn| { keep_raised(conn, token).await })?;
        if !self.kind().dialect().sequence {
            let greatest = self.kind().sql().greatest();
            let raise = format!("UPDATE $clock SET token = {greatest}(token, ?) WHERE one = 1");
            let token = [Bind::integer(token)];
            return self.execute(CLOCK, &raise, &token).await.map(drop);
        }
        transaction!(self, CLOCK, async |conn| {
            let mut now = next_token(conn).await?;
            while now < token {
                // It may skip a few more than requested.
                let step = (token - now).min(LONGEST_SKIP);
                let skip = format!("SELECT $skip_tokens({step})");
                now = conn.one(skip, &[]).await?;
            }
            keep_raised(conn, now).await
        })
    }

    /// Returns the token up to which it is unknown which rows were written since a run began, because the counter was
    /// raised; 0 if it never was.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn raised_until(&self) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM $cursors WHERE name = 'raised'";
        let until: Option<i64> = self.row(CLOCK, sql, &[]).await?;
        Ok(until.unwrap_or_default())
    }
}

/// Stores where the counter was raised, or where it was when rows were found that others wrote.
pub(crate) async fn keep_raised(conn: &mut Conn<'_>, until: i64) -> Result<(), TxError> {
    cursors::set(conn, "raised", &Scope::default(), until, false).await
}

/// The largest token that prevents a read from being written, if there are such tokens: mostly of a faster write.
#[derive(Debug, Default)]
pub(crate) struct InTheWay {
    token: i64,
}

impl InTheWay {
    /// Looks at what was decided about an object whose read began with a token, and at the token of its row or tombstone.
    pub(crate) fn see(
        &mut self,
        decision: Decision,
        observed_at: i64,
        held: &LockedTable,
        start: i64,
    ) {
        let token = match decision {
            Decision::Write | Decision::Leave => return,
            Decision::WriteAndReadAgain => held.sets_at,
            Decision::Raise | Decision::ReadAgain => observed_at,
            // A page was faster.
            Decision::RaiseAndReadAgain => observed_at.max(held.compared_at),
        };
        if token > start {
            self.token = self.token.max(token);
        }
    }

    /// Checks that the counter has given the token.
    ///
    /// # Errors
    /// [`StoreError::ClockBehind`] when it has not: the counter is to be raised, and the work done again.
    pub(crate) async fn check(
        &self,
        conn: &mut Conn<'_>,
        target: &TableContext<'_>,
    ) -> Result<(), TxError> {
        if self.token == 0 || self.token <= now(conn).await? {
            return Ok(());
        }
        Err(StoreError::ClockBehind {
            table: target.table().to_owned(),
            token: self.token,
        }
        .into())
    }
}

/// Returns a token that is not smaller than any that was given. It may be given again.
pub(crate) async fn now(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    if conn.kind().dialect().sequence {
        // A role that may take tokens need not be able to look at the sequence.
        return next_token(conn).await;
    }
    conn.one("SELECT token FROM $clock", &[]).await
}

/// Returns the next token. On MySQL it is not taken inside a transaction: the counter's row would stay locked until the
/// end.
pub(crate) async fn next_token(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    conn.kind().driver().next_token(conn).await
}

/// Returns a token that was taken before, or else the next one.
pub(crate) async fn taken_or_next(conn: &mut Conn<'_>, taken: Option<i64>) -> Result<i64, TxError> {
    match taken {
        Some(token) => Ok(token),
        None => next_token(conn).await,
    }
}

/// Returns a token for a table whose lock is gone, as after a crash of a PostgreSQL server. Such a server may have lost the
/// last numbers of its sequence too, while a process still has them: more are skipped than it can have lost.
pub(crate) async fn skip_ahead(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    if !conn.kind().dialect().sequence {
        return next_token(conn).await;
    }
    let skip = format!("SELECT $skip_tokens({LEAP})");
    conn.one(skip, &[]).await
}
