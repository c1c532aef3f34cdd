//! Stripe's own time of what a row holds: `stripe_sync_dates`.
//!
//! Only for models that take events' own copies, and only for objects that live events wrote: a copy is written if it is
//! of a later second than the read before it, and if nobody wrote or confirmed the row since that read. What else writes
//! rows does not know of this table, and need not: it leaves a token that is not the remembered one.

use super::StoreError;
use crate::cell::CellType;
use crate::model::Model;
use crate::store::bookkeeping::scope_binds;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::fault::{Fault, Tries};
use crate::store::target::Target;
use crate::store::{Scope, Store, with_connection};

const TABLE: &str = "stripe_sync_dates";
const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ? AND id = ?";

/// Of when the content is that a live event last wrote to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dated {
    /// Unix seconds of Stripe's clock: when the read was answered, or the second of the event whose copy it is.
    pub(crate) stripe_at: i64,
    /// The row's token after that write.
    pub(crate) observed_at: i64,
}

impl Store {
    /// Of when an object's row was when a live event last wrote it; `None` if none did.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn dated(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
    ) -> Result<Option<Dated>, StoreError> {
        let table = model.table();
        let tries = Tries::new(TABLE, self.kind());
        let dated = self.try_dated(&table, scope, id).await;
        dated.map_err(|fault| tries.give_up(fault))
    }

    async fn try_dated(
        &self,
        table: &str,
        scope: &Scope,
        id: &str,
    ) -> Result<Option<Dated>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT stripe_at, observed_at FROM {TABLE} {OF_KEY}"
            ));
            let columns = [CellType::Integer, CellType::Integer];
            let rows = conn.fetch(sql, &key(table, scope, id), &columns).await?;
            Ok(rows.into_iter().next().map(|row| {
                let mut row = Taken::new(row);
                Dated {
                    stripe_at: row.integer(),
                    observed_at: row.integer(),
                }
            }))
        })
    }
}

/// Remembers of when a row is, in the transaction that writes it.
pub(super) async fn set(
    conn: &mut Conn<'_>,
    table: &str,
    scope: &Scope,
    id: &str,
    dated: Dated,
) -> Result<(), sqlx::Error> {
    let update = if conn.kind().is_mysql() {
        "ON DUPLICATE KEY UPDATE stripe_at = VALUES(stripe_at), observed_at = VALUES(observed_at)"
    } else {
        "ON CONFLICT (table_name, account, livemode, id) \
         DO UPDATE SET stripe_at = excluded.stripe_at, observed_at = excluded.observed_at"
    };
    let sql = conn.sql(format!(
        "INSERT INTO {TABLE} (table_name, account, livemode, id, stripe_at, observed_at) VALUES (?, ?, ?, ?, ?, ?) {update}"
    ));
    let mut binds = key(table, scope, id);
    binds.extend([
        Bind::integer(dated.stripe_at),
        Bind::integer(dated.observed_at),
    ]);
    conn.execute(sql, &binds).await.map(drop)
}

/// Forgets of when a row was: it is gone.
pub(in crate::store) async fn forget(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    id: &str,
) -> Result<(), sqlx::Error> {
    let sql = conn.sql(format!("DELETE FROM {TABLE} {OF_KEY}"));
    conn.execute(sql, &key(&target.table, target.scope, id))
        .await
        .map(drop)
}

fn key<'b>(table: &'b str, scope: &'b Scope, id: &'b str) -> Vec<Bind<'b>> {
    let mut binds = scope_binds(table, &scope.account, scope.livemode).to_vec();
    binds.push(Bind::text(id));
    binds
}
