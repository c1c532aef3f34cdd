//! The filter whose objects a table has.
//!
//! It stands in `tables`, and its number in the [lock](super::binding), so that each write knows it without a question. A
//! table without rows takes the filter of whoever comes next; one with rows only if a run says so, with its first page.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::sql::quote;
use xxhash_rust::xxh3::xxh3_64;

use super::binding::{Hold, hold};
use super::db::bind::Bind;
use super::db::connection::Conn;
use super::db::door::{query, transaction};
use super::db::error::StoreError;
use super::db::retry::TxError;
use super::target::Target;
use super::walk::WalkLease;
use super::{Scope, Store};
use crate::model::{Model, Role};

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";

/// What stands in `tables` for a filter.
pub(super) fn column(filter: &str) -> Option<&str> {
    Some(filter).filter(|filter| !filter.is_empty())
}

/// The number of what a table is bound to; never 0.
pub(super) fn number(model: &Model) -> i64 {
    let bound_to = format!("{} {}", model.object(), model.filter());
    (xxh3_64(bound_to.as_bytes()) >> 1).cast_signed().max(1)
}

/// What the table has by now.
enum Recorded {
    /// The model's filter, or one that nobody knows: an older version bound it, or nobody did.
    Same,
    /// Another one, and no rows.
    OfNoRows,
    /// Another one.
    Other(String),
}

impl Store {
    /// Checks that a table has the rows of the model's filter, before anything is asked of Stripe. A table without rows takes
    /// it here, and a lock that does not know it learns it: many write at once later, and none of them should have to be alone.
    ///
    /// # Errors
    /// When it has those of another one, or the database fails.
    pub(crate) async fn check_filter(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let target = self.target(model, scope)?;
        let sql = format!("SELECT bound_to FROM $locks {OF_KEY}");
        let known = query!(self, target.table(), async |conn| {
            conn.row::<(i64,)>(&sql, &target.key()).await
        })?;
        if known == Some((number(model),)) {
            return Ok(());
        }
        transaction!(self, target.table(), async |conn| {
            hold(conn, &target, Hold::Alone, None).await?;
            bind(conn, &target, None).await
        })
    }
}

/// Records the model's filter, where every later write finds it. The table, account and mode are held alone.
///
/// # Errors
/// When the table has the rows of another filter, and no run changes it.
pub(super) async fn bind(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    lease: Option<&WalkLease>,
) -> Result<(), TxError> {
    match recorded(conn, target).await? {
        Recorded::Other(filter) if !lease.is_some_and(WalkLease::changes_filter) => {
            return Err(refusal(target, &filter).into());
        }
        // An object that no list showed may be outside this one.
        Recorded::Other(_) => {
            let sql = format!("UPDATE $objects SET unlisted = FALSE {OF_KEY}");
            conn.execute(sql, &target.key()).await?;
        }
        Recorded::Same | Recorded::OfNoRows => {}
    }
    let filter = target.model.filter();
    let record = format!("UPDATE $tables SET resource = ?, filter = ? {OF_KEY}");
    let mut binds = vec![
        Bind::text(target.model.object()),
        Bind::text_or_null(column(&filter)),
    ];
    binds.extend(target.key());
    conn.execute(record, &binds).await?;
    let number = format!("UPDATE $locks SET bound_to = ? {OF_KEY}");
    let mut binds = vec![Bind::integer(self::number(target.model))];
    binds.extend(target.key());
    conn.execute(number, &binds).await.map(drop)
}

async fn recorded(conn: &mut Conn<'_>, target: &Target<'_>) -> Result<Recorded, TxError> {
    let sql = format!("SELECT resource, filter FROM $tables {OF_KEY}");
    let row = conn
        .row::<(String, Option<String>)>(sql, &target.key())
        .await?;
    let Some((resource, filter)) = row else {
        return Ok(Recorded::Same);
    };
    let filter = filter.unwrap_or_default();
    if resource.is_empty() || filter == target.model.filter() {
        return Ok(Recorded::Same);
    }
    Ok(match has_rows(conn, target).await? {
        true => Recorded::Other(filter),
        false => Recorded::OfNoRows,
    })
}

/// Whether the table has any row of the account and mode, live or deleted.
async fn has_rows(conn: &mut Conn<'_>, target: &Target<'_>) -> Result<bool, TxError> {
    let mark = conn.kind().dialect().quote;
    let scope = [Role::Account, Role::Livemode].into_iter();
    let scope = scope.filter_map(|role| target.model.role(role));
    let mut sql = format!("SELECT 1 AS one FROM {}", target.place.quoted);
    for (number, column) in (1..).zip(scope) {
        let and = if number == 1 { "WHERE" } else { "AND" };
        let place = match conn.kind().is_postgres() {
            true => format!("${number}"),
            false => "?".to_owned(),
        };
        sql += &format!(" {and} {} = {place}", quote(column.name, mark));
    }
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM ({sql} LIMIT 1) AS found"));
    let (rows,) = conn
        .one::<(i64,)>(sql.into_sql_str(), &target.scope_binds())
        .await?;
    Ok(rows > 0)
}

fn refusal(target: &Target<'_>, recorded: &str) -> StoreError {
    StoreError::WrongFilter {
        table: target.table().to_owned(),
        expected: describe(recorded),
        model: target.model.name(),
        found: describe(&target.model.filter()),
    }
}

/// A filter in a message.
pub(crate) fn describe(filter: &str) -> String {
    match filter {
        "" => "no filter".to_owned(),
        filter => format!("the filter `{filter}`"),
    }
}
