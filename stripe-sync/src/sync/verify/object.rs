//! One object beside its row, column by column, with both values.

use std::fmt;

use chrono::SecondsFormat;
use serde::Serialize;
use tracing::Instrument as _;

use crate::cell::Cell;
use crate::model::context::Origin;
use crate::model::{Column, Model, Role, StripeSync, content};
use crate::store::db::UNREADABLE;
use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::newest::found;
use crate::sync::object::read::{check_readable, retrieve};
use crate::sync::object::{Mapped, ModelRun};
use crate::sync::syncer::Syncer;
use crate::sync::verify::compared::{Comparer, Own, written};
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::report::{Drift, DriftKind};

/// What stands for a value that is not shown.
const REDACTED: &str = "(redacted)";
/// What stands for a value that is none of its column's type.
const NOT_READABLE: &str = "(not readable)";

/// One object of Stripe's beside its row. `Display` is for people, `Serialize` for machines. It holds the values of columns,
/// except those that the struct [redacts](crate::StripeSync).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The struct's name.
    pub model: String,
    /// The table's name.
    pub table: String,
    /// The object's id.
    pub id: String,
    /// What is wrong; `None` if nothing is, also where there is neither an object nor a row.
    pub kind: Option<DriftKind>,
    /// The columns that a sync writes, in the struct's order. Empty where there is neither.
    pub columns: Vec<ComparedColumn>,
    /// The elements of its lists that are not as Stripe has them.
    pub children: Vec<Drift>,
}

/// A column of a row, and what Stripe says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ComparedColumn {
    /// The column's name.
    pub column: String,
    /// What the row has, as text; `None` for NULL, and where there is no row.
    pub row: Option<String>,
    /// What the object says, as text; `None` for NULL, where the object does not have the value, and where there is no object.
    pub stripe: Option<String>,
    /// Whether they are the same value, whatever their spelling. What the object does not have says nothing, and is equal.
    pub is_equal: bool,
}

impl Comparison {
    /// Whether the row, and those of its children, are as Stripe has the object.
    pub fn is_equal(&self) -> bool {
        self.kind.is_none() && self.children.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Some(kind) => kind.to_string(),
            None if self.columns.is_empty() => "neither an object nor a row".to_owned(),
            None => "equal".to_owned(),
        };
        write!(f, "{} → {} {}: {what}", self.model, self.table, self.id)?;
        for column in self.columns.iter().filter(|column| !column.is_equal) {
            let [row, stripe] = [&column.row, &column.stripe];
            let [row, stripe] = [row, stripe].map(|value| value.as_deref().unwrap_or("NULL"));
            let name = &column.column;
            write!(f, "\n  {name}: {row} in the row, {stripe} at Stripe")?;
        }
        for child in &self.children {
            write!(f, "\n  {child}")?;
        }
        Ok(())
    }
}

impl Syncer {
    /// Reads one object and compares it with its row, column by column, with both values. Nothing is written.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// println!("{}", syncer.compare::<Customer>("cus_1").await?);
    /// # Ok(()) }
    /// ```
    ///
    /// It is one look: an object that changes at the moment may differ from its row, and be equal a second later. Values of
    /// fields with `#[stripe(redact)]` are not shown.
    ///
    /// # Errors
    /// When the table does not fit, the resource has no endpoint for one object, Stripe refuses, or the database fails;
    /// [`SyncError::Object`] when the object does not map.
    pub async fn compare<M: StripeSync>(
        &self,
        id: impl Into<String>,
    ) -> Result<Comparison, SyncError> {
        self.compare_model(M::MODEL, id).await
    }

    /// [`compare`](Self::compare) of a model that is known by its description, as a [`Registry`](crate::Registry) has it.
    ///
    /// # Errors
    /// As `compare`.
    pub async fn compare_model(
        &self,
        model: &'static Model,
        id: impl Into<String>,
    ) -> Result<Comparison, SyncError> {
        let span = tracing::info_span!("stripe_sync.compare", model = model.name());
        Box::pin(compare(self, model, id.into()).instrument(span)).await
    }
}

async fn compare(
    syncer: &Syncer,
    model: &'static Model,
    id: String,
) -> Result<Comparison, SyncError> {
    let model = syncer.resolved(model);
    check_readable(model)?;
    let run = ModelRun::begin(syncer, model, Origin::Verify, false).await?;
    let options = VerifyOptions::default();
    let comparer = Comparer {
        run: &run,
        options: &options,
    };
    let mapped = found(&run, &id, retrieve(&run, &id).await).await?.mapped;
    let compared = comparer.one(&id, &mapped).await?;
    let kind = match compared.own {
        Own::Failed(failure) => return Err(failed(model, failure)),
        Own::Differing(_) => Some(DriftKind::Differing),
        Own::Missing => Some(DriftKind::Missing),
        Own::Extra => Some(DriftKind::Extra),
        Own::Equal | Own::NotComparable | Own::Nothing | Own::Outside => None,
    };
    let stored = run.store().whole_rows(model, &run.scope, &[&id]).await?;
    let stored = stored.get(&id).filter(|row| !row.deleted);
    let row = stored.map(|row| written(model, row));
    let (said, absent) = match &mapped {
        Mapped::Row(row) => (Some(&row.row.cells), &row.row.absent[..]),
        _ => (None, &[][..]),
    };
    let mut columns = Vec::new();
    if row.is_some() || said.is_some() {
        for (place, column) in model.written().enumerate() {
            let is_absent = absent.contains(&place);
            let said = said.and_then(|cells| cells.get(place));
            let said = said.filter(|_| !is_absent);
            let has = row.as_ref().and_then(|cells| cells.get(place));
            let is_equal = match (said, has) {
                (Some(said), Some(has)) => content::is_same(said, has),
                _ => is_absent && has.is_some(),
            };
            let is_hidden = is_hidden(model, column);
            columns.push(ComparedColumn {
                column: column.name.to_owned(),
                row: has.and_then(|cell| shown(cell, is_hidden)),
                stripe: said.and_then(|cell| shown(cell, is_hidden)),
                is_equal,
            });
        }
    }
    let children = compared.children.into_iter();
    Ok(Comparison {
        model: model.name().to_owned(),
        table: run.store().place(model).name.clone(),
        id,
        kind,
        columns,
        children: children.flat_map(|rows| rows.drifts).collect(),
    })
}

fn failed(model: &'static Model, failure: Failure) -> SyncError {
    SyncError::Object {
        model: model.name(),
        failure,
    }
}

/// Whether a column's values are redacted, or its documents hold values that are: those of other columns, or of the elements
/// of lists that are rows of their own.
fn is_hidden(model: &'static Model, column: &Column) -> bool {
    let is_whole = column.role == Role::Raw;
    let mut lists = model.parts.declared.children.iter();
    let has_lists = lists.any(|list| {
        let is_redacted = |model: &Model| !model.parts.declared.redacted.is_empty();
        let child = model.child(list);
        let is_inside = is_at_or_below(list.path, column.path);
        (is_whole || is_inside || is_at_or_below(column.path, list.path))
            && (is_redacted(child) || child.descendants().into_iter().any(is_redacted))
    });
    let columns = model.columns().iter().enumerate();
    let mut redacted = columns.filter(|(place, _)| model.parts.declared.is_redacted(*place));
    has_lists
        || redacted.any(|(_, redacted)| {
            redacted.name == column.name
                || is_whole
                || (redacted.path != column.path && is_at_or_below(redacted.path, column.path))
        })
}

/// Whether a path leads to what another one leads to, or into it. A column without a path is no document.
fn is_at_or_below(path: &str, other: &str) -> bool {
    let below = path.strip_prefix(other).filter(|_| !other.is_empty());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A value as text; `None` for NULL.
fn shown(cell: &Cell<'_>, is_hidden: bool) -> Option<String> {
    let text = match cell {
        Cell::Null => return None,
        _ if is_hidden => REDACTED.to_owned(),
        Cell::Text(text) | Cell::Json(text) => text.clone().into_owned(),
        Cell::Integer(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Instant(value) => value.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Cell::Decimal(value) => value.normalize().to_string(),
        Cell::Bytes(bytes) if **bytes == *UNREADABLE => NOT_READABLE.to_owned(),
        Cell::Bytes(bytes) => format!("{} bytes", bytes.len()),
    };
    Some(text)
}
