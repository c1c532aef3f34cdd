//! The write of a batch of rows in one transaction.

use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use crate::cell::Cell;
use crate::freshness::ReadBy;
use crate::model::context::Context;
use crate::model::mapping::Row;
use crate::model::{Model, content};
use crate::object::StripeObject;
use crate::store::db::{Conn, Facts, Scope, Store, StoreError, TableContext, TxError, transaction};
use crate::store::rows::reconcile::Reconciled;
use crate::store::rows::remarks::failed::OVERTAKEN;
use crate::store::rows::rider::{Done, notify};
use crate::store::rows::sets::{ChildTable, ChildWrites, Set, SetWrites};
use crate::store::rows::{
    ChangeKind, Changes, Failure, Rider, Written, hooked, reconcile, refusal, sets, time,
};
use crate::store::tables::lock::hold_to_write;
use crate::store::tables::{Hold, LockedTable, RunLease};

/// A mapped object.
#[derive(Debug)]
pub(crate) struct KeyedRow {
    pub(crate) id: String,
    pub(crate) row: Row,
    /// The hash of the row as it is, absent cells with what an insert takes.
    pub(crate) hash: i64,
    /// The object itself, for a model with a `sync` hook.
    pub(crate) object: Option<StripeObject>,
    /// The lists whose elements are rows of other models, as far as the object has them.
    pub(crate) sets: Vec<Set>,
    /// A digest of the elements without ids, which have no hashes of their own; `None` if the model has no such lists.
    pub(crate) elements: Option<u64>,
}

/// Rows of one read, to be written in one transaction.
#[derive(Debug)]
pub(crate) struct WriteBatch<'a> {
    pub(crate) model: &'static Model,
    pub(crate) scope: &'a Scope,
    /// Of two rows with one id the last counts.
    pub(crate) rows: Vec<KeyedRow>,
    /// The token of the read's beginning, taken before the request.
    pub(crate) start: i64,
    /// Whether the objects were read one at a time, or on a list page.
    pub(crate) by: ReadBy,
    /// Whether stored rows are compared by their columns, and not by their hash.
    pub(crate) rewrite_unchanged: bool,
    /// Whether what has no row gets none: only a list says that it is in the filter.
    pub(crate) existing_only: bool,
    /// Whether all rows are likely new: they are inserted without being asked for, and asked for if that fails.
    pub(crate) expect_all_new: bool,
    /// The run that the page belongs to.
    pub(crate) lease: Option<&'a RunLease>,
    /// What else is written in the same transaction.
    pub(crate) riders: &'a [&'a dyn Rider],
    pub(crate) context: &'a Context,
}

impl KeyedRow {
    /// A mapped object of a model. The hash is made here, because here others are waited for, and not the database.
    pub(crate) fn new(
        model: &Model,
        id: String,
        mut row: Row,
        object: Option<StripeObject>,
    ) -> Self {
        time::keep_days(model, &mut row);
        Self {
            hash: content::hash(&row.cells, model.parts.fingerprint),
            id,
            row,
            object,
            sets: Vec::new(),
            elements: None,
        }
    }

    /// The same with the lists whose elements are rows.
    pub(crate) fn with_sets(mut self, model: &Model, sets: Vec<Set>) -> Self {
        self.elements = digest(model, &sets);
        self.hash = with_elements(self.hash, self.elements);
        self.sets = sets;
        self
    }

    /// The same for a write that leaves the elements without ids alone: the next read finds another hash, and writes them.
    pub(crate) fn without_elements(mut self, model: &Model) -> Self {
        if self.elements.take().is_some() {
            self.hash = content::hash(&self.row.cells, model.parts.fingerprint);
        }
        self.sets.clear();
        self
    }

    /// The hash of the row with other cells.
    pub(crate) fn hash_with(&self, cells: &[Cell<'static>], fingerprint: u64) -> i64 {
        with_elements(content::hash(cells, fingerprint), self.elements)
    }

    /// Whether Stripe sent nothing for some of its columns.
    pub(crate) fn is_incomplete(&self) -> bool {
        !self.row.absent.is_empty()
    }
}

/// A digest of the elements without ids. A list that the object lacks counts, too: it differs from an empty one.
fn digest(model: &Model, sets: &[Set]) -> Option<u64> {
    let lists = model.children().enumerate();
    let mut lists = lists
        .filter(|(_, (_, child))| child.is_of_elements())
        .peekable();
    lists.peek()?;
    let mut all = Xxh3::new();
    for (list, _) in lists {
        all.update(&list.to_le_bytes());
        if let Some(set) = sets.iter().find(|set| set.list == list) {
            all.update(&set.rows.len().to_le_bytes());
            for row in &set.rows {
                all.update(&row.hash.to_le_bytes());
            }
        }
    }
    Some(all.digest())
}

fn with_elements(hash: i64, elements: Option<u64>) -> i64 {
    let Some(elements) = elements else {
        return hash;
    };
    let mut all = Xxh3::with_seed(elements);
    all.update(&hash.to_le_bytes());
    all.digest().cast_signed()
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct WriteReport {
    /// One entry for each id.
    pub(crate) rows: Vec<(String, Written)>,
    /// The changes of a model with an `after_commit` hook.
    pub(crate) changes: Changes,
    /// The ids of objects that were written, and are to be read again all the same.
    pub(crate) again: Vec<String>,
    /// What became of the rows of children.
    pub(crate) children: Vec<ChildWrites>,
    /// The token of the read's end, if one was taken.
    pub(crate) finish: Option<i64>,
}

/// A batch that is being written.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(crate) store: &'a Store,
    pub(crate) target: TableContext<'a>,
    pub(crate) batch: WriteBatch<'a>,
    /// What the table is like.
    pub(crate) facts: Arc<Facts>,
    /// The tables of the model's children.
    pub(crate) tables: &'a [ChildTable<'a>],
    /// The run whose pages leave unchanged rows alone: that of the page, or of the parents' page.
    pub(crate) pages_run: Option<i64>,
    /// Whether it looks for the rows to blame, which an ordinary write need not pay for.
    pub(crate) bisecting: bool,
    /// How many rows of the database break a foreign key, where SQLite refused the transaction at its end: what adds to
    /// them is refused.
    pub(crate) broken_keys: Option<i64>,
}

impl Job<'_> {
    /// Whether rows are inserted without being asked for. A tombstone would have to be asked for.
    pub(crate) fn inserts_optimistically(&self, held: &LockedTable) -> bool {
        self.batch.expect_all_new
            && self.is_plain()
            && self.batch.by == ReadBy::List
            && self.target.versioned()
            && !held.tombstones
            && !self.may_have_left(held)
    }

    /// Whether an object of the batch without a row may have left the filter after it was read: which, is to be asked.
    pub(crate) fn may_have_left(&self, held: &LockedTable) -> bool {
        self.target.versioned() && self.batch.start < held.left_at
    }

    /// Why what was just written would be refused at the end of the transaction, where the database cannot be told to refuse
    /// it now.
    pub(crate) async fn refused_later(
        &self,
        conn: &mut Conn<'_>,
    ) -> Result<Option<Written>, TxError> {
        let Some(before) = self.broken_keys else {
            return Ok(None);
        };
        match refusal::broken_keys(conn).await? {
            Some(now) if now > before => refusal::of_a_key(conn, &self.target).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Whether nothing of the user's runs in the transaction or because it was committed.
    fn is_plain(&self) -> bool {
        self.target.model.parts.sync.is_none() && !self.target.keeps_changes()
    }
}

impl Store {
    /// Writes the rows of one read, each unless the table holds the same or something newer.
    ///
    /// # Errors
    /// When the table is bound to another account or mode, the run lost its lease, others kept the transaction from
    /// ending, or the database fails. A row that the database refuses is not an error.
    pub(crate) async fn write(&self, mut batch: WriteBatch<'_>) -> Result<WriteReport, StoreError> {
        self.prepare().await?;
        let target = self.target(batch.model, batch.scope)?;
        hooked::check(&target)?;
        let tables = self.child_tables(batch.model, batch.scope).await?;
        let mut facts = self.facts(&target).await?;
        let mut report = WriteReport {
            rows: refusal::refuse(&target, &mut batch.rows),
            ..WriteReport::default()
        };
        let is_misfit = |row: &KeyedRow| facts.refusal(&row.row.cells).is_some();
        // A `sync` hook may not write the row at all: there the default write refuses it.
        if target.model.parts.sync.is_none() && batch.rows.iter().any(is_misfit) {
            // The column may have been changed since it was looked at.
            facts = self.look(&target).await?;
            let refused = refusal::refuse_misfits(&facts, &mut batch.rows);
            report.rows.extend(refused);
        }
        if batch.rows.is_empty() && !batch.riders.iter().any(|rider| rider.stands_alone()) {
            return Ok(report);
        }
        for row in &mut batch.rows {
            sets::refuse(&tables, &mut row.sets);
        }
        let mut job = Job {
            store: self,
            facts,
            target,
            pages_run: batch.lease.map(|lease| lease.run),
            batch,
            tables: &tables,
            bisecting: false,
            broken_keys: None,
        };
        let table = job.target.place.name.clone();
        if job.batch.lease.is_none() {
            self.bind(&job.target).await?;
        }
        let dialect = self.kind().dialect();
        let is_plain_page = job.batch.by == ReadBy::List && job.is_plain();
        let of_page = dialect.begin_page.filter(|_| is_plain_page);
        let begin = of_page.unwrap_or(dialect.begin);
        let mut looks_at_keys = false;
        let (written, finish) = loop {
            let finish = self.token_before().await?;
            let done = transaction!(
                self,
                &table,
                begin = begin,
                again = |error: &TxError| match error {
                    // Some of the rows exist, or may: whatever it was, it will be seen again if it is more than that.
                    TxError::Data(_) | TxError::Contended { .. } if job.batch.expect_all_new => {
                        job.batch.expect_all_new = false;
                        true
                    }
                    TxError::Data(error) if !job.bisecting => {
                        job.bisecting = true;
                        looks_at_keys = refusal::is_foreign_key(error);
                        true
                    }
                    _ => false,
                },
                async |conn| {
                    if looks_at_keys {
                        job.broken_keys = refusal::broken_keys(conn).await?;
                    }
                    write_in_transaction(conn, &job, finish).await
                }
            );
            match done {
                Err(StoreError::ClockBehind { token, .. }) => {
                    self.raise_clock(&table, token).await?
                }
                done => break done?,
            }
        };
        self.set_known_owner(&job.target);
        report.finish = finish;
        let TransactionWrites { rows, sets } = written;
        report.changes = rows.changes;
        report.children = sets.children;
        let again = rows
            .again
            .iter()
            .filter_map(|place| job.batch.rows.get(*place));
        report.again = again.map(|row| row.id.clone()).collect();
        let ids = job.batch.rows.into_iter().map(|row| row.id);
        report.rows.extend(ids.zip(rows.written));
        Ok(report)
    }
}

/// What a transaction did.
struct TransactionWrites {
    rows: Reconciled,
    sets: SetWrites,
}

async fn write_in_transaction(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    finish: Option<i64>,
) -> Result<(TransactionWrites, Option<i64>), TxError> {
    let Job { target, batch, .. } = job;
    for rider in batch.riders {
        rider.start(conn).await?;
    }
    let how = match batch.by {
        ReadBy::List if target.versioned() => Hold::Page(finish),
        _ => Hold::Shared,
    };
    let mut held = hold_to_write(conn, target, how, batch.lease).await?;
    held.finish = held.finish.or(finish);
    if let (true, Some(statement)) = (job.bisecting, conn.kind().dialect().constraints_now) {
        conn.run(statement).await?;
    }
    for rider in batch.riders {
        rider.locked(conn, target, &mut held).await?;
    }
    let mut sets = SetWrites::default();
    let rows: Vec<&KeyedRow> = batch.rows.iter().collect();
    let mut done_rows = match target.model.parts.sync {
        _ if batch.rows.is_empty() => Default::default(),
        Some(hook) => hooked::call_hooks(conn, job, held, hook, &rows, &mut sets.related).await?,
        None => reconcile::reconcile(conn, job, &mut held, &rows, None, job.bisecting).await?,
    };
    sets::write(conn, job, &mut held, &rows, &mut done_rows, &mut sets).await?;
    done_rows.again.sort_unstable();
    done_rows.again.dedup();
    if !batch.riders.is_empty() {
        let written = &done_rows.written;
        let rows = || batch.rows.iter().map(|row| &*row.id).zip(written);
        let again = done_rows
            .again
            .iter()
            .filter_map(|place| batch.rows.get(*place));
        let again = again.map(|row| Failure::whole(&row.id, OVERTAKEN));
        let mut done = Done {
            target,
            held: &mut held,
            ids: rows().map(|(id, _)| id).collect(),
            failures: rows().filter_map(failure).chain(again).collect(),
            changed: rows().find_map(|(id, written)| Some((id, ChangeKind::of_write(written)?))),
            changes: &mut done_rows.changes,
            children: &mut sets.children,
            related: &sets.related,
            deleted: false,
            has_rows: !written.contains(&Written::Outside),
        };
        for rider in batch.riders {
            rider.commit(conn, &mut done).await?;
        }
    }
    let ids = batch.rows.iter().map(|row| &*row.id);
    let changed = notify::changed(ids.zip(&done_rows.written));
    notify::tell(conn, target, changed, &sets.related).await?;
    let writes = TransactionWrites {
        rows: done_rows,
        sets,
    };
    Ok((writes, held.finish))
}

/// Why an object is not in the table as Stripe has it when the transaction commits.
fn failure((id, written): (&str, &Written)) -> Option<Failure> {
    let (column, reason) = match written {
        Written::Failed { column, reason, .. } => (column.clone(), reason.clone()),
        Written::ReadAgain => (None, OVERTAKEN.to_owned()),
        Written::Done(_) | Written::Outside => return None,
    };
    let id = id.to_owned();
    Some(Failure { id, column, reason })
}
