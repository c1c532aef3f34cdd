//! Rows of other models that a `sync` hook writes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::cell::Cell;
use crate::freshness::ReadBy;
use crate::model::hooks::{AFTER_COMMIT, Outcome, WriteError};
use crate::model::mapping::Row;
use crate::model::{Model, Role};
use crate::store::db::{Conn, StoreError, TableContext, TxError};
use crate::store::rows::hooked::DefaultWrite;
use crate::store::rows::hooked::work::{Stop, Stopped, ends, fails};
use crate::store::rows::rider::RelatedChange;
use crate::store::rows::write::WriteBatch;
use crate::store::rows::{ChangeKind, Job, KeyedRow, Written, outcome, reconcile, refusal};
use crate::store::tables::check::differences;
use crate::store::tables::lock::hold_to_write;
use crate::store::tables::{Hold, LockedTable};

/// The tables of other models that hooks of one transaction write to.
#[derive(Default)]
pub(super) struct RelatedTables<'j> {
    tables: HashMap<Key, RelatedTable<'j>>,
    /// What the hook of one object changed.
    pub(super) changed: Vec<RelatedChange>,
}

/// The table's name, and the fingerprint of the model.
type Key = (String, u64);

/// A table that is held until the transaction ends.
struct RelatedTable<'j> {
    job: Job<'j>,
    held: LockedTable,
}

/// A row that the database refused.
pub(super) struct RefusedRow {
    key: Key,
    id: String,
    cells: Vec<Cell<'static>>,
    error: sqlx::Error,
}

impl<'j> RelatedTables<'j> {
    /// Writes a row, as one that came from the read of the hook's object.
    pub(super) async fn write(
        &mut self,
        conn: &mut Conn<'_>,
        default: &DefaultWrite<'j>,
        model: &'static Model,
        cells: Vec<Cell<'static>>,
    ) -> Result<Outcome, Stop> {
        let parts = &model.parts;
        let hooks = [
            ("sync", parts.sync.is_some()),
            (AFTER_COMMIT, parts.after_commit.is_some()),
        ];
        if let Some((hook, _)) = hooks.into_iter().find(|(_, is_named)| *is_named) {
            let model = model.name();
            return Err(fails(WriteError::Hooked { model, hook }));
        }
        let job = default.job;
        let key = (job.store.place(model).name.clone(), parts.fingerprint);
        let table = match self.tables.entry(key.clone()) {
            Entry::Occupied(table) => table.into_mut(),
            Entry::Vacant(place) => place.insert(open(conn, job, model).await?),
        };
        // One token for all that came from the read, where it was taken already.
        table.held.finish = table.held.finish.or(default.held.finish);
        let row = keyed(&table.job.target, cells).map_err(fails)?;
        let refused = refusal::refusal(&table.job.target, &row)
            .or_else(|| Some(table.job.facts.refusal(&row.row.cells)?.into()));
        if let Some(refused) = refused {
            return Err(not_written(model, &row.id, refused));
        }
        let rows = [&row];
        let done = reconcile::reconcile(conn, &table.job, &mut table.held, &rows, None, false);
        let done = done.await;
        let written = match conn.leave_utc(done).await {
            Ok(done) => done.written.into_iter().next(),
            Err(TxError::Data(error)) => {
                let refused = WriteError::row(model, &row.id, error.to_string());
                let row = RefusedRow {
                    key,
                    id: row.id,
                    cells: row.row.cells,
                    error,
                };
                return Err((refused, Stopped::Row(Box::new(row))));
            }
            Err(error) => return Err(ends(error)),
        };
        let written = written.unwrap_or(Written::ReadAgain);
        if let Some(kind) = ChangeKind::of_write(&written) {
            self.changed.push(RelatedChange {
                table: key.0,
                object: model.object(),
                id: row.id.clone(),
                kind,
            });
        }
        match written {
            Written::Done(outcome) => Ok(outcome),
            written => Err(not_written(model, &row.id, written)),
        }
    }

    /// Says which column of a refused row is to blame. The savepoint is undone.
    ///
    /// # Errors
    /// When the database, asked for it, fails.
    pub(super) async fn attribute(
        &self,
        conn: &mut Conn<'_>,
        row: RefusedRow,
    ) -> Result<Written, TxError> {
        let table = self.tables.get(&row.key).ok_or_else(TxError::conflict)?;
        let target = &table.job.target;
        let refused = outcome::refused(conn, target, &row.cells, &row.error).await?;
        match not_written(target.model, &row.id, refused) {
            (_, Stopped::Object(written)) => Ok(written),
            (error, _) => Ok(Written::failed(None, error.to_string())),
        }
    }
}

/// What a row that was not written makes of the hook's object.
fn not_written(model: &Model, id: &str, written: Written) -> Stop {
    let (model, id) = (model.name(), id.to_owned());
    match written {
        Written::Failed { column, reason, .. } => fails(WriteError::Row {
            model,
            id,
            column,
            reason,
        }),
        written => (
            WriteError::Overtaken { model, id },
            Stopped::Object(written),
        ),
    }
}

/// Checks the other model's table, and holds it.
async fn open<'j>(
    conn: &mut Conn<'_>,
    hooked: &'j Job<'j>,
    model: &'static Model,
) -> Result<RelatedTable<'j>, Stop> {
    let unfit = |cause: StoreError| {
        let (model, cause) = (model.name(), cause.into());
        fails(WriteError::Table { model, cause })
    };
    let (store, scope) = (hooked.store, hooked.batch.scope);
    let target = store.target(model, scope).map_err(unfit)?;
    // The table was compared with the model when it was looked at first.
    let facts = match store.known_facts(&target) {
        Some(facts) => facts,
        None => {
            let found = differences(conn, &target.place, model)
                .await
                .map_err(ends)?;
            if !found.is_empty() {
                let found: String = found.iter().map(|one| format!("\n  {one}")).collect();
                return Err(fails(WriteError::Table {
                    model: model.name(),
                    cause: format!("its table does not fit the struct:{found}").into(),
                }));
            }
            store.look_with(conn, &target).await.map_err(ends)?
        }
    };
    let held = match hold_to_write(conn, &target, Hold::Shared, None).await {
        Ok(held) => held,
        Err(TxError::Refused(
            error @ (StoreError::WrongAccount { .. }
            | StoreError::WrongResource { .. }
            | StoreError::WrongFilter { .. }),
        )) => return Err(unfit(error)),
        Err(error) => return Err(ends(error)),
    };
    let batch = WriteBatch {
        model,
        scope,
        rows: Vec::new(),
        start: hooked.batch.start,
        by: ReadBy::Id,
        rewrite_unchanged: hooked.batch.rewrite_unchanged,
        existing_only: false,
        expect_all_new: false,
        lease: None,
        riders: &[],
        context: hooked.batch.context,
    };
    let job = Job {
        store,
        target,
        batch,
        facts,
        tables: &[],
        pages_run: None,
        bisecting: false,
        broken_keys: hooked.broken_keys,
    };
    // What comes from the read of the parent is what a list of it would be.
    let held = LockedTable { sets_at: 0, ..held };
    Ok(RelatedTable { job, held })
}

/// A row with its id, if it is one of the run's account and mode.
fn keyed(target: &TableContext<'_>, cells: Vec<Cell<'static>>) -> Result<KeyedRow, WriteError> {
    let (model, scope) = (target.model, target.scope);
    let cell = |role| {
        let mut columns = model.written().zip(&cells);
        columns.find_map(|(column, cell)| (column.role == role).then_some((column, cell)))
    };
    let id = match cell(Role::Id) {
        Some((_, Cell::Text(id))) => id.clone().into_owned(),
        _ => String::new(),
    };
    let key = [
        (Role::Account, Cell::text(scope.account.as_str())),
        (Role::Livemode, Cell::Boolean(scope.livemode)),
    ];
    for (role, expected) in key {
        if let Some((column, found)) = cell(role)
            && *found != expected
        {
            return Err(WriteError::Row {
                model: model.name(),
                id,
                column: Some(column.name.to_owned()),
                reason: "expected that of the run, which `SyncContext::context` has, got another"
                    .to_owned(),
            });
        }
    }
    let row = Row {
        cells,
        absent: Vec::new(),
    };
    Ok(KeyedRow::new(model, id, row, None))
}
