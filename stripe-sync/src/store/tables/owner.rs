//! What a table belongs to: a resource, a [filter], and an account and a mode unless its key has them.
//!
//! It is bound in the transaction of a run's first page, or just before the first object is written, so a run that Stripe
//! refuses binds nothing. A table without rows, live or deleted, belongs to whoever comes next. Each write finds in its
//! [lock](crate::store::tables::lock) that the table is bound to what it writes, or comes here, where those who bind one table wait
//! for one another.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::table::OBSERVED_AT;
use xxhash_rust::xxh3::xxh3_64;

use crate::calls::lock;
use crate::model::{Model, Role};
use crate::store::db::scope::scope_binds;
use crate::store::db::store::KnownOwner;
use crate::store::db::{
    Bind, Conn, OF_KEY, Place, Scope, Store, StoreError, TableContext, TxError, catalog, query,
    transaction,
};
use crate::store::tables::lock::{ensure_lock, hold_to_write};
use crate::store::tables::{Hold, RunLease, clock, filter};

/// Rows that are looked at when a table is not bound yet: whether their tokens are of another counter.
const PROBED: i64 = 100;
/// The tables that say something of the rows of a table, account and mode, besides `tables` and `locks`.
const ABOUT_ROWS: [&str; 2] = ["objects", "content_times"];
/// Those that say how far a run is.
const ABOUT_RUNS: [&str; 4] = ["slices", "listed", "tables", "locks"];

/// What a table is bound to.
#[derive(Debug)]
struct Binding {
    scope: Scope,
    /// Stripe's name of the resource; empty where an older version bound it.
    resource: String,
    /// The filter whose objects the table has; empty if it has all.
    filter: String,
}

impl Binding {
    /// Why the table cannot take the rows of a model, whatever account they are of.
    fn other_resource(&self, model: &'static Model, table: &str) -> Option<StoreError> {
        let other = !self.resource.is_empty() && self.resource != model.object();
        other.then(|| StoreError::WrongResource {
            table: table.to_owned(),
            expected: self.resource.clone(),
            model: model.name(),
            found: model.object(),
        })
    }

    /// The filter of the account's and mode's rows, if it is not the model's. Where an older version bound the table, nobody
    /// knows it.
    fn other_filter(&self, target: &TableContext<'_>) -> Option<&str> {
        let other = self.scope == *target.scope
            && self.resource == target.model.object()
            && self.filter != target.model.filter();
        other.then_some(self.filter.as_str())
    }

    /// Why the table cannot take the rows of a model, account and mode besides those of this binding.
    fn refusal(&self, target: &TableContext<'_>) -> Option<StoreError> {
        let (model, scope) = (target.model, target.scope);
        let has = |role| model.role(role).is_some();
        let same_account = has(Role::Account) || self.scope.account == scope.account;
        let same_mode = has(Role::Livemode) || self.scope.livemode == scope.livemode;
        let other_scope = || StoreError::WrongAccount {
            table: target.table().to_owned(),
            expected: self.scope.describe(),
            found: scope.describe(),
        };
        self.other_resource(model, target.table())
            .or_else(|| (!same_account || !same_mode).then(other_scope))
    }
}

impl Store {
    /// Checks that a table can take the rows of an account and a mode, before anything is asked of Stripe. Binds nothing.
    /// Where the table is not bound yet, the clock is raised above the tokens that its rows have.
    ///
    /// # Errors
    /// When the table has rows of another resource, account or mode, or of another filter that the run does not change, or
    /// the database fails.
    pub(crate) async fn check_owner(
        &self,
        model: &'static Model,
        scope: &Scope,
        change_filter: bool,
    ) -> Result<(), StoreError> {
        self.prepare().await?;
        let target = self.target(model, scope)?;
        let (behind, bound) = query!(self, target.table(), async |conn| {
            let bindings = bindings(conn, target.table()).await?;
            let refusal = bindings.iter().find_map(|binding| binding.refusal(&target));
            match refusal {
                Some(refusal) if !is_empty(conn, &target.place).await? => {
                    return Err(refusal.into());
                }
                None if bindings.iter().any(|binding| binding.scope == *scope) => {
                    let changes = check_filter(conn, &target, &bindings, change_filter).await?;
                    return Ok((None, !changes));
                }
                _ => {}
            }
            let Some(token) = probe(conn, &target).await? else {
                return Ok((None, false));
            };
            let now = clock::now(conn).await?;
            // Rows that others wrote: what their tokens say of this counter is nothing.
            clock::keep_raised(conn, now.max(1)).await?;
            Ok(((token > now).then_some(token), false))
        })?;
        if bound {
            self.set_known_owner(&target);
        }
        match behind {
            Some(token) => self.raise_clock(target.table(), token).await,
            None => Ok(()),
        }
    }

    /// Checks that a table does not have the rows of another resource. Only for bookkeeping tables that are there.
    ///
    /// # Errors
    /// When it has, or the database fails.
    pub(crate) async fn check_resource(&self, model: &'static Model) -> Result<(), StoreError> {
        let place = self.place(model);
        query!(self, &place.name, async |conn| {
            let bindings = bindings(conn, &place.name).await?;
            let mut bindings = bindings.iter();
            let refusal = bindings.find_map(|binding| binding.other_resource(model, &place.name));
            let Some(refusal) = refusal else {
                return Ok(());
            };
            let exists = !catalog::columns(conn, &place).await?.is_empty();
            match exists && !is_empty(conn, &place).await? {
                true => Err(refusal.into()),
                false => Ok(()),
            }
        })
    }

    /// Returns the accounts and modes whose rows a model's table has.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn bound_scopes(
        &self,
        model: &'static Model,
    ) -> Result<Vec<Scope>, StoreError> {
        let table = &self.place(model).name;
        let bindings = query!(self, table, async |conn| { bindings(conn, table).await })?;
        Ok(bindings.into_iter().map(|binding| binding.scope).collect())
    }

    /// Binds a table for single objects, unless this process has seen that it is bound. Not in the transaction that writes
    /// them: a table is bound alone, and a handler in that transaction would keep everybody else waiting.
    ///
    /// # Errors
    /// When the table has rows of another resource, filter, account or mode, or the database fails.
    pub(crate) async fn bind(&self, target: &TableContext<'_>) -> Result<(), StoreError> {
        if self.is_known_owner(target) {
            return Ok(());
        }
        transaction!(self, target.table(), async |conn| {
            hold_to_write(conn, target, Hold::Alone, None).await
        })?;
        self.set_known_owner(target);
        Ok(())
    }

    /// Whether this process has seen that the table is bound to what is written. Each write's lock decides.
    fn is_known_owner(&self, target: &TableContext<'_>) -> bool {
        lock(&self.known.bound).contains(&known_as(target))
    }

    /// Remembers that a transaction which wrote to the table committed.
    pub(crate) fn set_known_owner(&self, target: &TableContext<'_>) {
        lock(&self.known.bound).insert(known_as(target));
    }
}

fn known_as(target: &TableContext<'_>) -> KnownOwner {
    let owner = owner(target.model);
    (target.table().to_owned(), target.scope.clone(), owner)
}

/// The number of what a table is bound to, besides account and mode; never 0.
pub(crate) fn owner(model: &Model) -> i64 {
    let owner = format!("{}\n{}", model.object(), model.filter());
    (xxh3_64(owner.as_bytes()) | 1).cast_signed()
}

/// Checks that a table has the rows of the model's filter, and returns whether it takes that filter now.
///
/// # Errors
/// When it has those of another one, which is not changed.
async fn check_filter(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    bindings: &[Binding],
    change: bool,
) -> Result<bool, TxError> {
    let mut bindings = bindings.iter();
    let Some(other) = bindings.find_map(|binding| binding.other_filter(target)) else {
        return Ok(false);
    };
    if !change && filter::has_rows(conn, target).await? {
        return Err(filter::refusal(target, other).into());
    }
    Ok(true)
}

/// Binds a table in the transaction that writes its rows. The table's own lock is held alone.
///
/// # Errors
/// When the table has rows of another resource, account or mode, or of another filter that the run does not change.
pub(crate) async fn bind(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    lease: Option<&RunLease>,
) -> Result<(), TxError> {
    wait_for_binders(conn, target).await?;
    let bindings = bindings(conn, target.table()).await?;
    let refusals: Vec<_> = bindings
        .iter()
        .filter_map(|binding| Some((binding, binding.refusal(target)?)))
        .collect();
    if !refusals.is_empty() {
        // Whoever writes rows of one of them holds its lock until they can be seen.
        let lock = conn.kind().dialect().for_update;
        let lock = format!(
            "SELECT account FROM $locks WHERE table_name = ? ORDER BY account, livemode{lock}"
        );
        conn.rows::<String>(lock, &[Bind::text(target.table())])
            .await?;
        let empty = is_empty(conn, &target.place).await?;
        for (binding, refusal) in refusals {
            if !empty {
                return Err(refusal.into());
            }
            give_way(conn, target, &binding.scope).await?;
        }
    }
    let change = lease.is_some_and(|lease| lease.changes_filter);
    if check_filter(conn, target, &bindings, change).await? {
        // An object that no list showed may be outside this filter.
        let sql = format!("UPDATE $objects SET unlisted = FALSE {OF_KEY}");
        conn.execute(sql, &target.key()).await?;
    }
    record(conn, target).await
}

/// Waits until no other transaction binds the table, and blocks others from it until the end of the transaction.
async fn wait_for_binders(conn: &mut Conn<'_>, target: &TableContext<'_>) -> Result<(), TxError> {
    let nobody = Scope::default();
    let key = scope_binds(target.table(), &nobody);
    ensure_lock(conn, &key, (0, false, 0)).await?;
    let lock = conn.kind().dialect().for_update;
    let lock = format!("SELECT run FROM $locks {OF_KEY}{lock}");
    conn.row::<i64>(lock, &key).await.map(drop)
}

/// What a table is bound to.
async fn bindings(conn: &mut Conn<'_>, table: &str) -> Result<Vec<Binding>, TxError> {
    type Row = (String, bool, String, Option<String>);
    let sql = "SELECT account, livemode, resource, filter FROM $tables WHERE table_name = ? AND bound \
               ORDER BY account, livemode";
    let rows: Vec<Row> = conn.rows(sql, &[Bind::text(table)]).await?;
    let binding = |(account, livemode, resource, filter): Row| Binding {
        scope: Scope { account, livemode },
        resource,
        filter: filter.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(binding).collect())
}

/// Whether the table has no row at all, live or deleted, of whatever account.
async fn is_empty(conn: &mut Conn<'_>, place: &Place) -> Result<bool, TxError> {
    let table = &place.quoted;
    let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT 1) AS found");
    let rows: i64 = conn.one(AssertSqlSafe(sql), &[]).await?;
    Ok(rows == 0)
}

/// The largest token of some rows; `None` if there are no rows, or none with tokens.
async fn probe(conn: &mut Conn<'_>, target: &TableContext<'_>) -> Result<Option<i64>, TxError> {
    if !target.versioned() {
        return Ok(None);
    }
    let token = target.quote(OBSERVED_AT);
    let sql = format!(
        "SELECT MAX(token) FROM (SELECT {token} AS token FROM {} LIMIT {PROBED}) AS found",
        target.place.quoted
    );
    conn.one(AssertSqlSafe(sql), &[]).await
}

/// Forgets what a table without rows was bound to, and what was known of its rows.
async fn give_way(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    scope: &Scope,
) -> Result<(), TxError> {
    // A run of this very account and mode goes on: it is the one that binds.
    let runs = match scope == target.scope {
        true => &[],
        false => &ABOUT_RUNS[..],
    };
    let key = scope_binds(target.table(), scope);
    for table in ABOUT_ROWS.iter().chain(runs) {
        let sql = format!("DELETE FROM ${table} {OF_KEY}");
        conn.execute(sql, &key).await?;
    }
    Ok(())
}

/// Records what the table is bound to, where runs and every later write find it.
async fn record(conn: &mut Conn<'_>, target: &TableContext<'_>) -> Result<(), TxError> {
    ensure_row(conn, &target.key()).await?;
    let filter = target.model.filter();
    let bind = format!("UPDATE $tables SET bound = TRUE, resource = ?, filter = ? {OF_KEY}");
    let values = [
        Bind::text(target.model.object()),
        Bind::text_or_null(Some(&*filter).filter(|filter| !filter.is_empty())),
    ];
    conn.execute(bind, &target.around(&values, &[])).await?;
    let lock = format!("UPDATE $locks SET bound_to = ? {OF_KEY}");
    let binds = target.around(&[Bind::integer(owner(target.model))], &[]);
    conn.execute(lock, &binds).await.map(drop)
}

/// Makes the row in which runs keep how far they are, and verifications what they found; it binds nothing.
pub(crate) async fn ensure_row(conn: &mut Conn<'_>, key: &[Bind<'_>; 3]) -> Result<(), TxError> {
    let sql = conn
        .kind()
        .insert_new("$tables (table_name, account, livemode) VALUES (?, ?, ?)");
    conn.execute(sql, key).await.map(drop)
}

/// Checks that a run was not given up, where its lock is gone: another account's rows may have come first.
///
/// # Errors
/// When it was.
pub(crate) async fn check_run(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    lease: &RunLease,
) -> Result<(), TxError> {
    let sql = format!("SELECT run FROM $tables {OF_KEY}");
    if conn.row(sql, &target.key()).await? == Some(lease.run) {
        return Ok(());
    }
    let bindings = bindings(conn, target.table()).await?;
    let refusal = bindings.iter().find_map(|binding| binding.refusal(target));
    Err(refusal.unwrap_or_else(|| lease.lost()).into())
}

/// Whether the table is bound to the account and mode.
pub(crate) async fn is_bound(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<bool, TxError> {
    let bindings = bindings(conn, target.table()).await?;
    let mut bindings = bindings.into_iter();
    Ok(bindings.any(|binding| binding.scope == *target.scope))
}
