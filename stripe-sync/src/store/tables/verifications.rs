//! The history of verifications, and the lease of the one that is under way: `verifications`.
//!
//! A verification has its row from its beginning. While `ended_at` is null it is under way, for as long as its lease is
//! renewed: one at a time for each table, account and mode. Whoever begins the next one takes away the row of a process that
//! died. The row's token is the lease's fencing token.

#[cfg(feature = "live")]
pub(crate) mod decisive;

use std::time::Duration;

use crate::model::Model;
use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Conn, OF_KEY, Scope, Store, StoreError, TxError, query, transaction};
use crate::store::tables::owner;

/// How long a verification is under way without a word, by the database's clock. Its process renews that far more often;
/// after a killed one the next waits at most this long.
const LEASE: Duration = Duration::from_secs(10);
/// The verifications that are kept of a table, account and mode: more than a year of nights.
const KEPT: i64 = 400;
/// The columns of [`EndedVerification::numbers`].
const NUMBERS: [&str; 11] = [
    "equal",
    "differing",
    "missing",
    "extra",
    "outside",
    "failed",
    "not_comparable",
    "unsettled",
    "fixed",
    "children_drifted",
    "requests",
];

/// The right to verify a table, account and mode.
#[derive(Debug, Clone)]
pub(crate) struct VerificationLease {
    pub(crate) table: String,
    pub(crate) scope: Scope,
    /// The fencing token, and the row's: a later verification has a larger one.
    pub(crate) token: i64,
}

/// What is to be verified.
#[derive(Debug, Clone)]
pub(crate) struct VerificationSpec {
    /// What is compared, as a word.
    pub(crate) kind: String,
    /// All that was asked for, as JSON.
    pub(crate) options: String,
}

/// A verification that ended, or is under way.
#[derive(Debug)]
pub(crate) struct KnownVerification {
    pub(crate) token: i64,
    pub(crate) options: String,
    pub(crate) has_ended: bool,
    /// Whether its process lives, as far as its lease says. Of one that ended that means nothing.
    pub(crate) is_leased: bool,
}

/// What a verification found.
#[derive(Debug)]
pub(crate) struct EndedVerification {
    pub(crate) is_equal: bool,
    /// In the order of the columns: equal, differing, missing, extra, outside, failed, not comparable, unsettled, fixed; the
    /// drift of children; requests.
    pub(crate) numbers: [u64; NUMBERS.len()],
    /// All of it, as JSON.
    pub(crate) report: String,
    /// The same in short, as JSON.
    pub(crate) summary: String,
    pub(crate) duration: Duration,
}

impl VerificationLease {
    fn key(&self) -> [Bind<'_>; 3] {
        scope_binds(&self.table, &self.scope)
    }

    /// The parameters of a statement about the table, account and mode, with others before and after these.
    fn around<'b>(&'b self, before: &[Bind<'b>], after: &[Bind<'b>]) -> Vec<Bind<'b>> {
        [before, &self.key(), after].concat()
    }

    /// The same of a statement about the row.
    fn own<'b>(&'b self, before: &[Bind<'b>]) -> Vec<Bind<'b>> {
        self.around(before, &[Bind::integer(self.token)])
    }
}

impl Store {
    /// Returns the token of the newest verification that ended; 0 if none did.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn last_verification(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<i64, StoreError> {
        let table = &self.place(model).name;
        query!(self, table, async |conn| {
            last(conn, &scope_binds(table, scope)).await
        })
    }

    /// Returns the verifications that did not end, and those that ended with a larger token than this one or not before a
    /// moment, in milliseconds; the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn known_verifications(
        &self,
        model: &'static Model,
        scope: &Scope,
        (token, moment): (i64, Option<i64>),
    ) -> Result<Vec<KnownVerification>, StoreError> {
        let table = &self.place(model).name;
        let now = self.kind().dialect().now_millis;
        let sql = format!(
            "SELECT token, options, ended_at, expires_at - {now} FROM $verifications {OF_KEY} \
             AND (ended_at IS NULL OR token > ? OR ended_at >= ?) ORDER BY token DESC"
        );
        let since = [token, moment.unwrap_or(i64::MAX)].map(Bind::integer);
        let binds = [&scope_binds(table, scope)[..], &since].concat();
        let rows: Vec<(i64, String, Option<i64>, i64)> = self.rows(table, &sql, &binds).await?;
        let known = |(token, options, ended_at, left): (_, _, Option<i64>, _)| KnownVerification {
            token,
            options,
            has_ended: ended_at.is_some(),
            is_leased: left > 0,
        };
        Ok(rows.into_iter().map(known).collect())
    }

    /// Begins a verification. Returns `false` if another one is under way, or began after `newest`, the newest that the
    /// caller knows of.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn begin_verification(
        &self,
        lease: &VerificationLease,
        spec: &VerificationSpec,
        newest: i64,
    ) -> Result<bool, StoreError> {
        let now = self.kind().dialect().now_millis;
        let others = format!("{OF_KEY} AND token <> ?");
        let newer = format!(
            "SELECT COUNT(*) FROM $verifications {others} \
             AND (token > ? OR (ended_at IS NULL AND expires_at > {now}))"
        );
        let dead = format!("DELETE FROM $verifications {others} AND ended_at IS NULL");
        let known = [lease.token, newest].map(Bind::integer);
        transaction!(self, &lease.table, async |conn| {
            hold(conn, lease).await?;
            let found: i64 = conn.one(&newer, &lease.around(&[], &known)).await?;
            if found > 0 {
                return Ok(false);
            }
            conn.execute(&dead, &lease.own(&[])).await?;
            insert(conn, lease, spec, Duration::ZERO).await?;
            Ok(true)
        })
    }

    /// Prolongs the lease. Returns `false` if another verification has begun since it ended.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_verification(
        &self,
        lease: &VerificationLease,
    ) -> Result<bool, StoreError> {
        let until = self.kind().in_future(LEASE);
        let renew =
            format!("UPDATE $verifications SET expires_at = {until} {OF_KEY} AND token = ?");
        let renewed = self.execute(&lease.table, &renew, &lease.own(&[])).await?;
        Ok(renewed > 0)
    }

    /// Takes back what was begun and did not end.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn release_verification(
        &self,
        lease: &VerificationLease,
    ) -> Result<(), StoreError> {
        let release =
            format!("DELETE FROM $verifications {OF_KEY} AND token = ? AND ended_at IS NULL");
        transaction!(self, &lease.table, async |conn| {
            // A begin whose caller was dropped while it committed holds this row until it has.
            hold(conn, lease).await?;
            conn.execute(&release, &lease.own(&[])).await.map(drop)
        })
    }

    /// Records what a verification found, and removes what is too old to be kept. One that lost its lease is recorded too,
    /// and is the last one only if none has ended that began after it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn end_verification(
        &self,
        lease: &VerificationLease,
        spec: &VerificationSpec,
        ended: &EndedVerification,
    ) -> Result<(), StoreError> {
        let now = format!("SELECT {}", self.kind().dialect().now_millis);
        let set: Vec<String> = NUMBERS.iter().map(|name| format!("{name} = ?")).collect();
        let end = format!(
            "UPDATE $verifications SET ended_at = ?, is_equal = ?, {}, report = ? {OF_KEY} AND token = ?",
            set.join(", ")
        );
        let tell = format!("UPDATE $tables SET verified_at = ?, verification = ? {OF_KEY}");
        let oldest = format!(
            "SELECT token FROM $verifications {OF_KEY} AND ended_at IS NOT NULL \
             ORDER BY token DESC LIMIT 1 OFFSET {KEPT}"
        );
        let forget =
            format!("DELETE FROM $verifications {OF_KEY} AND ended_at IS NOT NULL AND token <= ?");
        let numbers = ended
            .numbers
            .map(|number| Bind::integer(number.try_into().unwrap_or(i64::MAX)));
        transaction!(self, &lease.table, async |conn| {
            hold(conn, lease).await?;
            let ended_at: i64 = conn.one(&now, &[]).await?;
            let begin = [Bind::integer(ended_at), Bind::boolean(ended.is_equal)];
            let values = [&begin[..], &numbers, &[Bind::text(&ended.report)]].concat();
            let binds = lease.own(&values);
            if conn.execute(&end, &binds).await? == 0 {
                insert(conn, lease, spec, ended.duration).await?;
                conn.execute(&end, &binds).await?;
            }
            if last(conn, &lease.key()).await? == lease.token {
                let told = [Bind::integer(ended_at), Bind::text(&ended.summary)];
                conn.execute(&tell, &lease.around(&told, &[])).await?;
            }
            if let Some(token) = conn.row::<i64>(&oldest, &lease.key()).await? {
                let binds = lease.around(&[], &[Bind::integer(token)]);
                conn.execute(&forget, &binds).await?;
            }
            Ok(())
        })
    }

    /// Returns what the newest verifications found, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn verification_reports(
        &self,
        model: &'static Model,
        scope: &Scope,
        at_most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let table = &self.place(model).name;
        let at_most = i64::try_from(at_most).unwrap_or(KEPT).min(KEPT);
        let sql = format!(
            "SELECT report FROM $verifications {OF_KEY} AND ended_at IS NOT NULL \
             ORDER BY token DESC LIMIT {at_most}"
        );
        let key = scope_binds(table, scope);
        let reports = self.rows::<Option<String>>(table, &sql, &key).await?;
        Ok(reports.into_iter().flatten().collect())
    }

    /// Returns what the verification with a token found; `None` if it is not kept any more.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn verification_report(
        &self,
        model: &'static Model,
        scope: &Scope,
        token: i64,
    ) -> Result<Option<String>, StoreError> {
        let table = &self.place(model).name;
        let sql = format!("SELECT report FROM $verifications {OF_KEY} AND token = ?");
        let binds = [&scope_binds(table, scope)[..], &[Bind::integer(token)]].concat();
        let report = self.row::<Option<String>>(table, &sql, &binds).await?;
        Ok(report.flatten())
    }

    /// Returns when the last verification ended, in milliseconds, and what it found in short; `None` if there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn verification_summary(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<Option<(i64, String)>, StoreError> {
        let table = &self.place(model).name;
        let sql = format!("SELECT verified_at, verification FROM $tables {OF_KEY}");
        let key = scope_binds(table, scope);
        let row: Option<(Option<i64>, Option<String>)> = self.row(table, &sql, &key).await?;
        Ok(row.and_then(|(ended_at, summary)| ended_at.zip(summary)))
    }
}

/// Locks the row of the table, account and mode until the transaction ends.
async fn hold(conn: &mut Conn<'_>, lease: &VerificationLease) -> Result<(), TxError> {
    let lock = conn.kind().dialect().for_update;
    let sql = format!("SELECT run FROM $tables {OF_KEY}{lock}");
    if conn.row::<i64>(&sql, &lease.key()).await?.is_none() {
        owner::ensure_row(conn, &lease.key()).await?;
        conn.row::<i64>(&sql, &lease.key()).await?;
    }
    Ok(())
}

/// Makes the row of a verification that began so long ago. One that is there stays, because the transaction is done again
/// whose answer to the COMMIT was lost.
async fn insert(
    conn: &mut Conn<'_>,
    lease: &VerificationLease,
    spec: &VerificationSpec,
    ago: Duration,
) -> Result<(), TxError> {
    let kind = conn.kind();
    let sql = kind.insert_new(&format!(
        "$verifications (table_name, account, livemode, token, started_at, expires_at, kind, options) \
         VALUES (?, ?, ?, ?, {} - {}, {}, ?, ?)",
        kind.dialect().now_millis,
        ago.as_millis(),
        kind.in_future(LEASE)
    ));
    let values = [
        Bind::integer(lease.token),
        Bind::text(&spec.kind),
        Bind::text(&spec.options),
    ];
    conn.execute(sql, &lease.around(&[], &values))
        .await
        .map(drop)
}

/// The token of the newest verification that ended; 0 if none did.
async fn last(conn: &mut Conn<'_>, key: &[Bind<'_>; 3]) -> Result<i64, TxError> {
    let sql = format!(
        "SELECT COALESCE(MAX(token), 0) FROM $verifications {OF_KEY} AND ended_at IS NOT NULL"
    );
    conn.one(sql, key).await
}
