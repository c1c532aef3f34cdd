//! Stripe's own time of what a row holds: `content_times`.
//!
//! Only for models that take events' own copies, and only for objects that live events wrote: a copy is written if it is
//! of a later second than what was written before it, by more than clocks may differ where that was a read, and if nobody wrote or confirmed the row since that read. What else writes
//! rows does not know of this table, and need not: it leaves a token that is not the stored one.

use crate::model::Model;
use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TableContext, TxError};

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ? AND id = ?";

/// The time of the content that a live event last wrote to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContentTime {
    /// Unix seconds of Stripe's clock: events of later seconds tell of what was found later. The `Date` of the read's answer and
    /// the [skew](crate::stripe_time::SKEW), or the second of the event whose copy it is.
    pub(crate) stripe_at: i64,
    /// The row's token after that write.
    pub(crate) observed_at: i64,
}

impl Store {
    /// Returns the time of what a live event last wrote to an object's row; `None` if none did.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn dated(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
    ) -> Result<Option<ContentTime>, StoreError> {
        let table = &self.place(model).name;
        let sql = format!("SELECT stripe_at, observed_at FROM $content_times {OF_KEY}");
        let row = self.row(table, &sql, &key(table, scope, id)).await?;
        Ok(row.map(|(stripe_at, observed_at)| ContentTime {
            stripe_at,
            observed_at,
        }))
    }
}

/// Stores the content time, in the transaction that writes the row.
pub(crate) async fn set(
    conn: &mut Conn<'_>,
    table: &str,
    scope: &Scope,
    id: &str,
    dated: ContentTime,
) -> Result<(), TxError> {
    let sql = conn.kind().upsert(
        "$content_times",
        "table_name, account, livemode, id",
        &["stripe_at", "observed_at"],
    );
    let times = [dated.stripe_at, dated.observed_at].map(Bind::integer);
    let binds = [&key(table, scope, id)[..], &times].concat();
    conn.execute(sql, &binds).await.map(drop)
}

/// Removes the time of a row that is gone.
pub(crate) async fn remove(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    id: &str,
) -> Result<(), TxError> {
    let sql = format!("DELETE FROM $content_times {OF_KEY}");
    let binds = key(target.table(), target.scope, id);
    conn.execute(sql, &binds).await.map(drop)
}

fn key<'b>(table: &'b str, scope: &'b Scope, id: &'b str) -> [Bind<'b>; 4] {
    let [table, account, livemode] = scope_binds(table, scope);
    [table, account, livemode, Bind::text(id)]
}
