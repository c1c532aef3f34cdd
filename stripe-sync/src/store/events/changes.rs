//! Changes of rows, for those who subscribe: `changes`.
//!
//! A change is written in the transaction of its row, under a number that the database gives at the insert. Of two
//! transactions the one with the lower number may be the last to commit, so nobody can go on from a number without
//! losing some. Therefore a change also has a position, which it gets after the commit: see `order`.

pub(crate) mod order;
pub(crate) mod purge;

use crate::store::db::row::state::by_number;
use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TxError};
use crate::store::rows::ChangeKind;

/// The table in messages.
const TABLE: &str = "stripe_sync_changes";
/// The row of `cursors` with the last position that was given. It begins at 1, so that who has seen nothing yet differs
/// from who wants the oldest.
const ASSIGNED: &str = "name = 'changes' AND account = '' AND livemode = FALSE";
/// How the names of those rows of `cursors` begin that have, of each table, the last position that was removed.
const PURGED: &str = "forgotten:";

/// The kinds of changes in the order of their numbers.
const KINDS: [ChangeKind; 4] = [
    ChangeKind::Inserted,
    ChangeKind::Updated,
    ChangeKind::Deleted,
    ChangeKind::LeftFilter,
];

/// A stored change that has its position.
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

/// Writes a change, in the transaction of the row. Changes of one object have numbers in their order, because one
/// transaction at a time holds the object.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    scope: &Scope,
    (table, object, id): (&str, &str, &str),
    kind: ChangeKind,
) -> Result<(), TxError> {
    let now = conn.kind().dialect().now_millis;
    let sql = format!(
        "INSERT INTO $changes (account, livemode, table_name, object, object_id, kind, changed_at) \
         VALUES (?, ?, ?, ?, ?, ?, {now})"
    );
    let [account, livemode] = scope.binds();
    let binds = [
        account,
        livemode,
        Bind::text(table),
        Bind::text(object),
        Bind::text(id),
        Bind::integer(kind as i64),
    ];
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
        let binds = [Bind::integer(position), Bind::boolean(livemode)];
        let sql = format!(
            "SELECT position, account, table_name, object, object_id, kind, changed_at FROM $changes \
             WHERE position > ? AND livemode = ? ORDER BY position LIMIT {most}"
        );
        let rows = self.rows(TABLE, &sql, &binds).await?;
        let change = |(position, account, table, object, id, kind, changed_at)| {
            Ok(StoredChange {
                position,
                scope: Scope { account, livemode },
                table,
                object,
                id,
                kind: by_number(&KINDS, (TABLE, "kind"), kind)?,
                changed_at,
            })
        };
        rows.into_iter().map(change).collect()
    }
}
