//! What a table is bound to, and the lock under which freshness is decided.
//!
//! Each table has one row in `stripe_sync_walks` for each account and mode that it holds, and that row is the lock: a list
//! page and a deletion hold it alone, writes of single objects share it. What is decided under the lock stands in the
//! row itself: the token of the newest list page that left unchanged rows alone, whether any tombstone exists, and the
//! token of the newest walk. So a single write sees every page that compared before it, an insert sees every
//! tombstone, and a walk that another one followed cannot write, for one question a transaction.

use super::Store;
use super::bookkeeping::{leap, scope_binds, tick};
use super::connection::{Bind, Conn, Rows, Taken};
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
    /// The token with which that page's walk began.
    pub(super) walk: i64,
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
        let row = Row {
            compared_at: 0,
            tombstones: false,
            walk: 0,
        };
        ensure_row(&mut conn, target, row).await?;
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

/// Makes the row of the table, account and mode, if there is none.
async fn ensure_row(conn: &mut Conn<'_>, target: &Target<'_>, row: Row) -> Result<(), sqlx::Error> {
    let (insert, or_ignore) = conn.kind().dialect().or_ignore;
    let sql = conn.sql(format!(
        "{insert} INTO stripe_sync_walks (table_name, account, livemode, compared_at, tombstones, walk) \
         VALUES (?, ?, ?, ?, ?, ?){or_ignore}"
    ));
    let scope = target.scope;
    let mut binds = scope_binds(&target.table, &scope.account, scope.livemode).to_vec();
    binds.extend([
        Bind::integer(row.compared_at),
        Bind::boolean(row.tombstones),
        Bind::integer(row.walk),
    ]);
    conn.execute(sql, &binds).await.map(drop)
}

/// The row of a table, account and mode.
#[derive(Debug, Clone, Copy)]
struct Row {
    compared_at: i64,
    tombstones: bool,
    /// The token of the newest walk; 0 if there was none.
    walk: i64,
}

impl Row {
    const COLUMNS: &str = "compared_at, tombstones, walk";
    const TYPES: [CellType; 3] = [CellType::Integer, CellType::Boolean, CellType::Integer];

    fn read(rows: Rows) -> Option<Self> {
        let mut row = Taken::new(rows.into_iter().next()?);
        Some(Self {
            compared_at: row.integer(),
            tombstones: row.boolean(),
            walk: row.integer(),
        })
    }
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
    let (row, finish) = match locked(conn, target, hold).await? {
        Some(held) => held,
        None => {
            if !bound(conn, target).await? {
                return Err(StoreError::NotBound {
                    table: target.table.clone(),
                    found: target.scope.describe(),
                }
                .into());
            }
            // The row is gone, and with it what was compared, by which walk, and whether there are tombstones.
            let now = match hold {
                Hold::Page(Some(finish)) => finish,
                _ => leap(conn).await?,
            };
            let row = Row {
                compared_at: now,
                tombstones: true,
                walk: lease.map_or(now, WalkLease::token),
            };
            ensure_row(conn, target, row).await?;
            locked(conn, target, hold).await?.ok_or_else(Fault::raced)?
        }
    };
    if lease.is_some_and(|lease| lease.token() != row.walk) {
        return Err(StoreError::LeaseLost {
            table: target.table.clone(),
        }
        .into());
    }
    Ok(Held {
        compared_at: row.compared_at,
        walk: row.walk,
        finish,
        tombstones: row.tombstones,
    })
}

/// Locks the row, if there is one; with the token of a page's end.
async fn locked(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    hold: Hold,
) -> Result<Option<(Row, Option<i64>)>, sqlx::Error> {
    let dialect = conn.kind().dialect();
    let lock = match hold {
        Hold::Shared => dialect.for_share,
        Hold::Alone => dialect.for_update,
        Hold::Page(finish) => return page(conn, target, finish).await,
    };
    let scope = target.scope;
    let key = scope_binds(&target.table, &scope.account, scope.livemode);
    let sql = conn.sql(format!(
        "SELECT {} FROM stripe_sync_walks {OF_KEY}{lock}",
        Row::COLUMNS
    ));
    let rows = conn.fetch(sql, &key, &Row::TYPES).await?;
    Ok(Row::read(rows).map(|row| (row, None)))
}

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";

/// Sets the number to the token of a page's end, and so holds the row alone.
async fn page(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    finish: Option<i64>,
) -> Result<Option<(Row, Option<i64>)>, sqlx::Error> {
    let scope = target.scope;
    let key = scope_binds(&target.table, &scope.account, scope.livemode);
    let columns = Row::COLUMNS;
    let greatest = conn.kind().dialect().greatest;
    #[cfg(feature = "postgres")]
    if conn.kind().is_postgres() && finish.is_none() {
        // The token is taken with the lock: one question less for each page.
        let sql = conn.sql(format!(
            "UPDATE stripe_sync_walks SET compared_at = GREATEST(compared_at, nextval('stripe_sync_clock')) \
             {OF_KEY} RETURNING {columns}"
        ));
        let row = Row::read(conn.fetch(sql, &key, &Row::TYPES).await?);
        return Ok(row.map(|row| (row, Some(row.compared_at))));
    }
    let finish = match finish {
        Some(finish) => finish,
        None => tick(conn).await?,
    };
    // The number is a parameter: a text of its own for each page would never be found prepared.
    let update =
        format!("UPDATE stripe_sync_walks SET compared_at = {greatest}(compared_at, ?) {OF_KEY}");
    let mut binds = vec![Bind::integer(finish)];
    binds.extend(key.clone());
    let rows = if conn.kind().is_mysql() {
        let sql = conn.sql(update);
        conn.execute(sql, &binds).await?;
        let sql = conn.sql(format!("SELECT {columns} FROM stripe_sync_walks {OF_KEY}"));
        conn.fetch(sql, &key, &Row::TYPES).await?
    } else {
        let sql = conn.sql(format!("{update} RETURNING {columns}"));
        conn.fetch(sql, &binds, &Row::TYPES).await?
    };
    Ok(Row::read(rows).map(|row| (row, Some(finish))))
}

/// Says which walk is the newest. The row is held alone.
pub(super) async fn mark_walk(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    walk: i64,
) -> Result<(), sqlx::Error> {
    let scope = target.scope;
    let sql = conn.sql(format!("UPDATE stripe_sync_walks SET walk = ? {OF_KEY}"));
    let mut binds = vec![Bind::integer(walk)];
    binds.extend(scope_binds(&target.table, &scope.account, scope.livemode));
    conn.execute(sql, &binds).await.map(drop)
}

/// Says that there are tombstones now. The row is held alone.
pub(super) async fn mark_tombstones(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
) -> Result<(), sqlx::Error> {
    let scope = target.scope;
    let sql = conn.sql(format!(
        "UPDATE stripe_sync_walks SET tombstones = TRUE {OF_KEY}"
    ));
    let key = scope_binds(&target.table, &scope.account, scope.livemode);
    conn.execute(sql, &key).await.map(drop)
}
