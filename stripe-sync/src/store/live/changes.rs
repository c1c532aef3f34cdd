//! Changes of rows, for those who subscribe: `stripe_sync_changes`.
//!
//! A change is kept in the transaction of its row, under a number that the database gives at the insert. Of two
//! transactions the one with the lower number may be the last to commit, so nobody can go on from a number without
//! losing some. Therefore a change also has a position, which it gets after the commit: see `order`.

mod forget;
mod order;

use super::{StoreError, scope_binds};
use crate::cell::CellType;
use crate::hooks::Outcome;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::delete::Deletion;
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store, Written, with_connection};

/// The changes.
const TABLE: &str = "stripe_sync_changes";
/// The last position that was given, in the row without a table, and of each table the last one that was forgotten. It
/// begins at 1, so that who has seen nothing yet differs from who wants the oldest.
const POSITIONS: &str = "stripe_sync_positions";
/// The row without a table.
const GIVEN: &str = "table_name = '' AND livemode = FALSE";

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// There was no row.
    Inserted,
    /// The row was different, or was marked as deleted.
    Updated,
    /// Stripe no longer has the object: its row was marked or removed.
    Deleted,
}

impl ChangeKind {
    /// What a write did; `None` if the row is as it was.
    pub(in crate::store) fn of_write(written: &Written) -> Option<Self> {
        match written {
            Written::Done(Outcome::Inserted) => Some(Self::Inserted),
            Written::Done(Outcome::Updated) => Some(Self::Updated),
            _ => None,
        }
    }

    /// What a deletion did; `None` if there was no row, or it was marked before.
    pub(in crate::store) fn of_deletion(deletion: Deletion) -> Option<Self> {
        (deletion == Deletion::Deleted).then_some(Self::Deleted)
    }

    fn number(self) -> i64 {
        match self {
            Self::Inserted => 0,
            Self::Updated => 1,
            Self::Deleted => 2,
        }
    }

    fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Inserted,
            2 => Self::Deleted,
            _ => Self::Updated,
        }
    }
}

/// A change that is kept and has its position.
#[derive(Debug, Clone)]
pub(crate) struct StoredChange {
    pub(crate) position: i64,
    pub(crate) scope: Scope,
    pub(crate) table: String,
    /// Stripe's name of the resource.
    pub(crate) object: String,
    pub(crate) id: String,
    pub(crate) kind: ChangeKind,
    /// By the database's clock, in milliseconds.
    pub(crate) changed_at: i64,
}

/// Keeps a change, in the transaction of the row. Changes of one object have numbers in their order, because one
/// transaction at a time holds the object.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    claim: &super::Claim,
    table: &str,
    id: &str,
    kind: ChangeKind,
) -> Result<(), sqlx::Error> {
    let now = conn.kind().dialect().now_millis;
    let sql = conn.sql(format!(
        "INSERT INTO {TABLE} (account, livemode, table_name, object, object_id, kind, changed_at) \
         VALUES (?, ?, ?, ?, ?, ?, {now})"
    ));
    let mut binds = scope_binds(&claim.scope).to_vec();
    binds.extend([
        Bind::text(table),
        Bind::text(&claim.subject.object),
        Bind::text(id),
        Bind::integer(kind.number()),
    ]);
    conn.execute(sql, &binds).await.map(drop)
}

impl Store {
    /// The changes of one mode behind a position, in the order of their positions.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn changes_behind(
        &self,
        livemode: bool,
        position: i64,
        most: usize,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let changes = self.try_changes_behind(livemode, position, most).await;
        changes.map_err(|fault| tries.give_up(fault))
    }

    async fn try_changes_behind(
        &self,
        livemode: bool,
        position: i64,
        most: usize,
    ) -> Result<Vec<StoredChange>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT position, account, table_name, object, object_id, kind, changed_at FROM {TABLE} \
                 WHERE position > ? AND livemode = ? ORDER BY position LIMIT {most}"
            ));
            let columns = [
                CellType::Integer,
                CellType::Text,
                CellType::Text,
                CellType::Text,
                CellType::Text,
                CellType::Integer,
                CellType::Integer,
            ];
            let binds = [Bind::integer(position), Bind::boolean(livemode)];
            let rows = conn.fetch(sql, &binds, &columns).await?;
            let change = |row| {
                let mut row = Taken::new(row);
                StoredChange {
                    position: row.integer(),
                    scope: Scope {
                        account: row.text(),
                        livemode,
                    },
                    table: row.text(),
                    object: row.text(),
                    id: row.text(),
                    kind: ChangeKind::from_number(row.integer()),
                    changed_at: row.integer(),
                }
            };
            Ok(rows.into_iter().map(change).collect())
        })
    }
}
