//! What a table is bound to, and the lock under which freshness is decided.
//!
//! Each table has one row in `stripe_sync_compared` for each account and mode that it holds. Its number is the token of
//! the newest list page that left unchanged rows alone, and the row is also the lock: a list page and a deletion hold it
//! alone, writes of single objects share it. So a single write sees every page that compared before it, an insert sees
//! every tombstone, and a walk that lost its lease cannot write.

use super::Store;
use super::bookkeeping::{scope_binds, tick};
use super::connection::{Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::target::Target;
use super::walk::WalkLease;
use crate::cell::CellType;
use crate::model::{Model, Role};

/// Whose data is read: the account and the mode of the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    /// For example `acct_1`.
    pub(crate) account: String,
    /// Whether it is live data.
    pub(crate) livemode: bool,
}

impl Scope {
    fn describe(&self) -> String {
        let mode = if self.livemode { "live" } else { "test" };
        format!("{mode} data of {}", self.account)
    }
}

/// How a transaction holds its table, account and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// With others that hold it so.
    Shared,
    /// Alone.
    Alone,
    /// Alone, and as a list page that leaves unchanged rows alone: its token becomes the number.
    Page(Option<i64>),
}

/// What a transaction knows once it holds its table, account and mode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// The token of the newest list page that left unchanged rows alone.
    pub(super) compared_at: i64,
    /// The token of this read's end, if it is known already.
    pub(super) finish: Option<i64>,
    /// Whether any object of the table is known to be deleted without a row.
    pub(super) tombstones: bool,
}

impl Held {
    /// The token of this read's end.
    pub(super) async fn finish(&mut self, conn: &mut Conn<'_>) -> Result<i64, sqlx::Error> {
        match self.finish {
            Some(finish) => Ok(finish),
            None => {
                let finish = tick(conn).await?;
                self.finish = Some(finish);
                Ok(finish)
            }
        }
    }
}

impl Store {
    /// Binds a model's table to an account and a mode, unless its key holds them. The first binding stays.
    ///
    /// # Errors
    /// When the table is bound to another account or mode, or the database fails.
    pub(crate) async fn bind(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        self.prepare().await?;
        let target = Target::new(self.kind(), model, scope)?;
        let mut tries = Tries::new(&target.table, self.kind());
        loop {
            match self.try_bind(&target).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_bind(&self, target: &Target<'_>) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        // Nothing of this table exists yet that could be locked; a binding is rare enough to be the only one.
        let lock: Option<&str> = match self.kind() {
            #[cfg(feature = "postgres")]
            super::DatabaseKind::Postgres => {
                Some("LOCK TABLE stripe_sync_bindings IN SHARE ROW EXCLUSIVE MODE")
            }
            #[cfg(feature = "mysql")]
            super::DatabaseKind::MySql => {
                Some("UPDATE stripe_sync_clock SET token = token WHERE one = 1")
            }
            #[cfg(feature = "sqlite")]
            super::DatabaseKind::Sqlite => None,
        };
        if bound(&mut conn, target).await? {
            return Ok(());
        }
        if let Some(lock) = lock {
            conn.run(lock).await?;
            if bound(&mut conn, target).await? {
                return Ok(());
            }
        }
        let scope = target.scope;
        let binds = scope_binds(&target.table, &scope.account, scope.livemode);
        let bind = conn.sql(
            "INSERT INTO stripe_sync_bindings (table_name, account, livemode) VALUES (?, ?, ?)",
        );
        conn.execute(bind, &binds).await?;
        ensure_compared(&mut conn, target, 0).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Whether the table is bound to the account and mode.
async fn bound(conn: &mut Conn<'_>, target: &Target<'_>) -> Result<bool, Fault> {
    let sql = conn
        .sql("SELECT account, livemode FROM stripe_sync_bindings WHERE table_name = ? ORDER BY account, livemode");
    let [table, ..] = scope_binds(&target.table, "", false);
    let columns = [CellType::Text, CellType::Boolean];
    let rows = conn.fetch(sql, &[table], &columns).await?;
    let pairs: Vec<Scope> = rows.into_iter().map(scope_of).collect();
    allowed(target, &pairs)?;
    Ok(pairs.contains(target.scope))
}

fn scope_of(row: Vec<crate::cell::Cell<'static>>) -> Scope {
    let mut row = Taken::new(row);
    Scope {
        account: row.text(),
        livemode: row.boolean(),
    }
}

/// A table holds one account and one mode, each unless its key tells them apart.
fn allowed(target: &Target<'_>, pairs: &[Scope]) -> Result<(), StoreError> {
    let many_accounts = target.model.role(Role::Account).is_some();
    let many_modes = target.model.role(Role::Livemode).is_some();
    let scope = target.scope;
    match pairs.iter().find(|pair| {
        (!many_accounts && pair.account != scope.account)
            || (!many_modes && pair.livemode != scope.livemode)
    }) {
        None => Ok(()),
        Some(pair) => Err(StoreError::WrongAccount {
            table: target.table.clone(),
            expected: pair.describe(),
            found: scope.describe(),
        }),
    }
}

async fn ensure_compared(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    token: i64,
) -> Result<(), sqlx::Error> {
    let (insert, or_ignore) = conn.kind().dialect().or_ignore;
    let sql = conn.sql(format!(
        "{insert} INTO stripe_sync_compared (table_name, account, livemode, compared_at) VALUES (?, ?, ?, ?){or_ignore}"
    ));
    let scope = target.scope;
    let mut binds = scope_binds(&target.table, &scope.account, scope.livemode).to_vec();
    binds.push(super::connection::Bind::integer(token));
    conn.execute(sql, &binds).await.map(drop)
}

/// Takes hold of the table, account and mode until the transaction ends, and checks what must hold before a write.
///
/// # Errors
/// When the table is not bound to the account and mode, or the walk lost its lease.
pub(super) async fn hold(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    hold: Hold,
    lease: Option<&WalkLease>,
) -> Result<Held, Fault> {
    let (compared_at, finish) = match locked(conn, target, hold).await? {
        Some(held) => held,
        None => {
            // The row is gone: whatever was compared before is forgotten, so it counts as compared this moment.
            let now = match hold {
                Hold::Page(Some(finish)) => finish,
                _ => tick(conn).await?,
            };
            ensure_compared(conn, target, now).await?;
            locked(conn, target, hold).await?.ok_or_else(Fault::raced)?
        }
    };

    // A statement of its own: it sees what others committed while this one waited for the lock.
    let sql = conn.sql(
        "SELECT b.account, b.livemode, \
         EXISTS (SELECT 1 FROM stripe_sync_tombstones d WHERE d.table_name = b.table_name), \
         (SELECT w.token FROM stripe_sync_walks w WHERE w.table_name = b.table_name AND w.account = b.account \
         AND w.livemode = b.livemode) FROM stripe_sync_bindings b WHERE b.table_name = ?",
    );
    let [table, ..] = scope_binds(&target.table, "", false);
    let columns = [
        CellType::Text,
        CellType::Boolean,
        CellType::Boolean,
        CellType::Integer,
    ];
    let mut pairs = Vec::with_capacity(1);
    let mut own = None;
    for row in conn.fetch(sql, &[table], &columns).await? {
        let mut row = Taken::new(row);
        let pair = Scope {
            account: row.text(),
            livemode: row.boolean(),
        };
        if pair == *target.scope {
            own = Some((row.boolean(), row.integer_or_null()));
        }
        pairs.push(pair);
    }
    allowed(target, &pairs)?;
    let Some((tombstones, walk)) = own else {
        return Err(StoreError::NotBound {
            table: target.table.clone(),
            found: target.scope.describe(),
        }
        .into());
    };
    if lease.is_some_and(|lease| walk != Some(lease.token())) {
        return Err(StoreError::LeaseLost {
            table: target.table.clone(),
        }
        .into());
    }
    Ok(Held {
        compared_at,
        finish,
        tombstones,
    })
}

/// Locks the row of `stripe_sync_compared`: its number, and the token of a page.
async fn locked(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    hold: Hold,
) -> Result<Option<(i64, Option<i64>)>, sqlx::Error> {
    let dialect = conn.kind().dialect();
    let lock = match hold {
        Hold::Shared => dialect.for_share,
        Hold::Alone | Hold::Page(_) => dialect.for_update,
    };
    let scope = target.scope;
    let key = scope_binds(&target.table, &scope.account, scope.livemode);
    let of_key = "WHERE table_name = ? AND account = ? AND livemode = ?";

    #[cfg(feature = "postgres")]
    if let (super::DatabaseKind::Postgres, Hold::Page(finish)) = (conn.kind(), hold) {
        let token = match finish {
            Some(finish) => finish.to_string(),
            None => "nextval('stripe_sync_clock')".to_owned(),
        };
        let sql = conn.sql(format!(
            "UPDATE stripe_sync_compared SET compared_at = GREATEST(compared_at, {token}) {of_key} RETURNING compared_at"
        ));
        let rows = conn.fetch(sql, &key, &[CellType::Integer]).await?;
        let number = rows.into_iter().next().map(|row| Taken::new(row).integer());
        return Ok(number.map(|number| (number, Some(finish.unwrap_or(number)))));
    }

    let sql = conn.sql(format!(
        "SELECT compared_at FROM stripe_sync_compared {of_key}{lock}"
    ));
    let rows = conn.fetch(sql, &key, &[CellType::Integer]).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let compared_at = Taken::new(row).integer();
    let Hold::Page(finish) = hold else {
        return Ok(Some((compared_at, None)));
    };
    let finish = match finish {
        Some(finish) => finish,
        None => tick(conn).await?,
    };
    let newest = finish.max(compared_at);
    let sql = conn.sql(format!(
        "UPDATE stripe_sync_compared SET compared_at = {newest} {of_key}"
    ));
    conn.execute(sql, &key).await?;
    Ok(Some((newest, Some(finish))))
}
