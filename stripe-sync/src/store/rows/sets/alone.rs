//! Sets that were read by themselves: their parents have no rows, or are not written with them.

use crate::freshness::ReadBy;
use crate::model::Model;
use crate::model::context::Context;
use crate::model::hooks::Outcome;
use crate::model::mapping::Row;
use crate::store::db::{Conn, Scope, Store, StoreError, TxError, transaction};
use crate::store::rows::hooked;
use crate::store::rows::reconcile::Reconciled;
use crate::store::rows::remarks::failed::OVERTAKEN;
use crate::store::rows::rider::{Done, notify};
use crate::store::rows::sets::{self, ChildTable, ChildWrites, Set, SetWrites};
use crate::store::rows::write::WriteBatch;
use crate::store::rows::{Failure, Job, KeyedRow, Rider, Written, refusal};
use crate::store::tables::LockedTable;

/// A set of one parent, as it was read by itself.
#[derive(Debug)]
pub(crate) struct LoneSet<'a> {
    pub(crate) model: &'static Model,
    pub(crate) scope: &'a Scope,
    pub(crate) parent: &'a str,
    pub(crate) set: Set,
    /// The token of the read's beginning.
    pub(crate) start: i64,
    /// What else is written in the same transaction.
    pub(crate) riders: &'a [&'a dyn Rider],
    pub(crate) context: &'a Context,
}

/// What became of such a set.
#[derive(Debug)]
pub(crate) struct LoneSetReport {
    pub(crate) children: Vec<ChildWrites>,
    /// Whether it is to be read again.
    pub(crate) is_overtaken: bool,
}

impl Store {
    /// Writes the elements of a parent's list, and takes out the parent's rows that are not among them.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(crate) async fn write_set(&self, lone: LoneSet<'_>) -> Result<LoneSetReport, StoreError> {
        self.prepare().await?;
        let (model, scope) = (lone.model, lone.scope);
        let target = self.target(model, scope)?;
        hooked::check(&target)?;
        let facts = self.facts(&target).await?;
        let table = ChildTable {
            facts: facts.clone(),
            target: target.clone(),
            tables: self.child_tables(model, scope).await?,
        };
        let tables = [table];
        let mut sets = vec![lone.set];
        sets::refuse(&tables, &mut sets);
        let parent = parent_with(lone.parent, sets);
        self.bind(&target).await?;
        let mut job = Job {
            store: self,
            target,
            batch: WriteBatch {
                model,
                scope,
                rows: Vec::new(),
                start: lone.start,
                by: ReadBy::Id,
                rewrite_unchanged: false,
                existing_only: false,
                expect_all_new: false,
                lease: None,
                riders: lone.riders,
                context: lone.context,
            },
            facts,
            tables: &tables,
            pages_run: None,
            bisecting: false,
            broken_keys: None,
        };
        let name = job.target.place.name.clone();
        let mut looks_at_keys = false;
        let report = loop {
            let finish = self.token_before().await?;
            let done = transaction!(
                self,
                &name,
                begin = self.kind().dialect().begin,
                again = |error: &TxError| match error {
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
                    write(conn, &job, &parent, finish).await
                }
            );
            match done {
                Err(StoreError::ClockBehind { token, .. }) => {
                    self.raise_clock(&name, token).await?
                }
                done => break done?,
            }
        };
        self.set_known_owner(&job.target);
        Ok(report)
    }
}

/// A row that is not written, with the set of its object.
fn parent_with(id: &str, sets: Vec<Set>) -> KeyedRow {
    let row = Row {
        cells: Vec::new(),
        absent: Vec::new(),
    };
    KeyedRow {
        id: id.to_owned(),
        row,
        hash: 0,
        object: None,
        sets,
        elements: None,
    }
}

async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    parent: &KeyedRow,
    finish: Option<i64>,
) -> Result<LoneSetReport, TxError> {
    for rider in job.batch.riders {
        rider.start(conn).await?;
    }
    if let (true, Some(statement)) = (job.bisecting, conn.kind().dialect().constraints_now) {
        conn.run(statement).await?;
    }
    let mut held = LockedTable::unasked(finish);
    let mut done = Reconciled {
        // As if it had changed: what has no hash of its own is replaced.
        written: vec![Written::Done(Outcome::Updated)],
        ..Reconciled::default()
    };
    let mut writes = SetWrites::default();
    sets::write(conn, job, &mut held, &[parent], &mut done, &mut writes).await?;
    let is_overtaken = !done.again.is_empty();
    let nothing = std::iter::empty();
    notify::tell(conn, &job.target, nothing, &writes.related).await?;
    let overtaken = is_overtaken.then(|| Failure::whole(&parent.id, OVERTAKEN));
    let mut done = Done {
        target: &job.target,
        held: &mut held,
        ids: Vec::new(),
        failures: overtaken.into_iter().collect(),
        changed: None,
        changes: &mut done.changes,
        children: &mut writes.children,
        related: &writes.related,
        deleted: false,
        has_rows: false,
    };
    for rider in job.batch.riders {
        rider.commit(conn, &mut done).await?;
    }
    Ok(LoneSetReport {
        children: writes.children,
        is_overtaken,
    })
}
