//! A run: the reading of all lists of a table, account and mode, by one process or several, once or in many runs.
//!
//! The row of `tables` says how far it is, [`slices`](crate::store::backfill::slices) what of the lists is read. One run goes at a time;
//! whoever calls `sync_all` meanwhile takes part in it.

use std::time::Duration;

use crate::model::Model;
use crate::store::backfill::{BackfillPhase, NewSlice, slices};
use crate::store::db::{
    Bind, Conn, OF_KEY, Scope, Store, StoreError, TableContext, TxError, query, transaction,
};
use crate::store::tables::lock::{hold, mark_run};
use crate::store::tables::{Hold, RunLease, owner};

/// How long a process may hold slices without a word, by the database's clock. It renews them far more often; after a
/// killed process the next one waits at most this long.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
/// How long the word of a process that waits for work holds; it is repeated more often.
const WAITS: Duration = Duration::from_secs(3);
/// Nobody's token, and that of no run; the counter begins at 1.
pub(crate) const NOBODY: i64 = 0;
/// The form of what the row says of a run. One of another form is not resumed.
const FORMAT: i64 = 1;
/// The form of a run that was given up.
const GIVEN_UP: i64 = 0;

/// What a run is to be.
#[derive(Debug)]
pub(crate) struct RunSpec {
    /// Of the mapping, the lists and the settings: a run with another identity cannot be resumed.
    pub(crate) identity: i64,
    /// Whether an unfinished run is given up.
    pub(crate) restart: bool,
    /// Whether a table that has the rows of another filter takes the model's.
    pub(crate) change_filter: bool,
    /// What there is to read, if the run begins.
    pub(crate) slices: Vec<NewSlice>,
}

/// A run that this process takes part in.
#[derive(Debug)]
pub(crate) struct OpenedRun {
    pub(crate) lease: RunLease,
    /// Whether it had begun before.
    pub(crate) resumed: bool,
    /// The newest moment, in unix seconds of Stripe's clock, that was before the run's first page.
    pub(crate) watermark: Option<i64>,
}

/// How far a run is, as its row says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    run: i64,
    format: i64,
    identity: i64,
    pub(crate) phase: BackfillPhase,
    pub(crate) watermark: Option<i64>,
    /// The watermark of the newest run that ended.
    pub(crate) finished: Option<i64>,
}

impl Store {
    /// Begins a run, or takes part in the one that has not ended. The table is bound with the first page, not here.
    ///
    /// # Errors
    /// When another run goes on in another process, or the database fails.
    pub(crate) async fn open_run(
        &self,
        model: &'static Model,
        scope: &Scope,
        opening: &RunSpec,
    ) -> Result<OpenedRun, StoreError> {
        let target = self.target(model, scope)?;
        let (run, owner) = (self.next_token().await?, self.next_token().await?);
        let opened = |run, resumed, watermark| OpenedRun {
            lease: RunLease {
                table: target.table().to_owned(),
                scope: scope.clone(),
                run,
                owner,
                changes_filter: opening.change_filter,
            },
            resumed,
            watermark,
        };
        transaction!(self, target.table(), async |conn| {
            owner::ensure_row(conn, &target.key()).await?;
            // Alone: a page of the run before has committed, or will find another token.
            hold(conn, &target, Hold::Alone, None).await?;
            let found = checkpoint(conn, &target).await?;
            if let Some(row) = found.filter(|row| row.phase != BackfillPhase::Ended) {
                let same = row.format == FORMAT && row.identity == opening.identity;
                // It has this call's own token when the answer to its COMMIT was lost.
                if row.run == run || (same && !opening.restart) {
                    mark_run(conn, &target, row.run).await?;
                    return Ok(opened(row.run, row.run != run, row.watermark));
                }
                if let Some((holder, seconds)) = slices::somebody(conn, &target).await? {
                    return Err(StoreError::WalkRunning {
                        table: target.table().to_owned(),
                        holder,
                        seconds,
                    }
                    .into());
                }
            }
            let begun = opened(run, false, None);
            let lease = &begun.lease;
            slices::forget(conn, lease).await?;
            for slice in &opening.slices {
                slices::insert(conn, lease, slice, NOBODY).await?;
            }
            let begin = format!(
                "UPDATE $tables SET run = ?, format = {FORMAT}, identity = ?, phase = {}, watermark = NULL, \
                 finalizer = {NOBODY}, waiting_until = 0, expires_at = 0 {OF_KEY}",
                BackfillPhase::Lists.number()
            );
            let values = [run, opening.identity].map(Bind::integer);
            conn.execute(begin, &lease.around(&values, &[])).await?;
            mark_run(conn, &target, run).await?;
            Ok(begun)
        })
    }

    /// Returns how far the newest run of a table is; `None` if there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn checkpoint(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let target = self.target(model, scope)?;
        query!(self, target.table(), async |conn| {
            checkpoint(conn, &target).await
        })
    }

    /// Returns whether nobody has mirrored anything in the model's table yet, of whatever account and mode.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn is_new(&self, model: &'static Model) -> Result<bool, StoreError> {
        let place = self.place(model);
        // A verification may have made a row that says nothing of a run or of rows.
        let sql = format!(
            "SELECT COUNT(*) FROM $tables WHERE table_name = ? AND (bound OR run <> {NOBODY})"
        );
        let table = [Bind::text(&place.name)];
        let known: i64 = self.one(&place.name, &sql, &table).await?;
        Ok(known == 0)
    }

    /// Keeps the moment that was before the run's first page, unless one is kept already.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_watermark(
        &self,
        lease: &RunLease,
        watermark: i64,
    ) -> Result<(), StoreError> {
        let set = "UPDATE $tables SET watermark = COALESCE(watermark, ?)";
        let watermark = [Bind::integer(watermark)];
        self.about_walk(set, lease, &watermark, "").await.map(drop)
    }

    /// Says that a run is not to be resumed: the next one begins anew.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn give_up_run(&self, lease: &RunLease) -> Result<(), StoreError> {
        let set = format!("UPDATE $tables SET format = {GIVEN_UP}");
        self.about_walk(&set, lease, &[], "").await.map(drop)
    }

    /// Prolongs what this process holds of a run.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_run(&self, lease: &RunLease) -> Result<(), StoreError> {
        let until = format!("expires_at = {}", self.kind().in_future(LEASE));
        query!(self, &lease.table, async |conn| {
            set_own(conn, lease, [&until, &until]).await
        })
    }

    /// Says that this process waits for work of the run.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn wait_for_work(&self, lease: &RunLease) -> Result<(), StoreError> {
        let until = self.kind().in_future(WAITS);
        let set = format!("UPDATE $tables SET waiting_until = {until}");
        self.about_walk(&set, lease, &[], "").await.map(drop)
    }

    /// Whether another process waits for work of the run.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn somebody_waits(&self, lease: &RunLease) -> Result<bool, StoreError> {
        let now = self.kind().dialect().now_millis;
        // Whoever sees it takes it down: one slice is enough for one who waits. Where the answer is lost, the one who
        // waits says it again.
        let and = format!("AND waiting_until > {now}");
        let set = "UPDATE $tables SET waiting_until = 0";
        Ok(self.about_walk(set, lease, &[], &and).await? > 0)
    }

    /// Gives back what this process holds of a run.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn release_run(&self, lease: &RunLease) -> Result<(), StoreError> {
        let lock = self.kind().dialect().for_update;
        let lock = format!("SELECT run FROM $locks {OF_KEY}{lock}");
        let slices = format!("owner = {NOBODY}, holder = ''");
        let finalizer = format!("finalizer = {NOBODY}");
        transaction!(self, &lease.table, async |conn| {
            // A claim whose caller was dropped while it committed holds this row until it has.
            conn.row::<i64>(&lock, &lease.key()).await?;
            set_own(conn, lease, [&slices, &finalizer]).await
        })
    }

    /// Runs an UPDATE of the run's row, which binds some values before the key, and returns how many rows it touched.
    async fn about_walk(
        &self,
        update: &str,
        lease: &RunLease,
        values: &[Bind<'_>],
        and: &str,
    ) -> Result<u64, StoreError> {
        let sql = format!("{update} {OF_KEY} AND run = ? {and}");
        let binds = lease.around(values, &[Bind::integer(lease.run)]);
        self.execute(&lease.table, &sql, &binds).await
    }
}

/// Changes what this process holds of a run: its slices, and the run's row if it has what comes after the lists.
async fn set_own(
    conn: &mut Conn<'_>,
    lease: &RunLease,
    [slices, row]: [&str; 2],
) -> Result<(), TxError> {
    let own = [lease.owner, lease.run].map(Bind::integer);
    let slices = format!("UPDATE $slices SET {slices} {OF_KEY} AND owner = ?");
    conn.execute(slices, &lease.around(&[], &own[..1])).await?;
    let row = format!("UPDATE $tables SET {row} {OF_KEY} AND finalizer = ? AND run = ?");
    conn.execute(row, &lease.around(&[], &own)).await.map(drop)
}

/// Returns how far the newest run is; `None` if there was none.
pub(crate) async fn checkpoint(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<Option<Checkpoint>, TxError> {
    let sql = format!(
        "SELECT run, format, identity, phase, watermark, finished_watermark FROM $tables {OF_KEY} AND run <> {NOBODY}"
    );
    let row = conn.row(sql, &target.key()).await?;
    let checkpoint = |(run, format, identity, phase, watermark, finished)| {
        Ok(Checkpoint {
            run,
            format,
            identity,
            phase: BackfillPhase::of(phase)?,
            watermark,
            finished,
        })
    };
    row.map(checkpoint).transpose()
}
