//! What a table holds already of some objects.
pub(crate) mod texts;
pub(crate) mod whole;

use std::collections::HashMap;

use crate::cell::Cell;
use crate::model::{Column, Model};
use crate::store::db::column::cell_type;
use crate::store::db::row::Row as _;
use crate::store::db::{Conn, StatementTemplate, TableContext, TxError, statement};
use crate::store::rows::KeyedRow;

/// What a table holds of one object.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) hash: Option<i64>,
    pub(crate) observed_at: i64,
    /// Whether the row is marked as deleted.
    pub(crate) deleted: bool,
    /// The struct's columns in the order of its fields, if they were read; those that were not wanted are NULL.
    pub(crate) cells: Option<Vec<Cell<'static>>>,
}

impl Stored {
    /// The cells that a sync writes, in the order of a row, if columns were read.
    pub(crate) fn written(&self, target: &TableContext<'_>) -> Option<Vec<Cell<'static>>> {
        let columns = target.model.columns().iter().zip(self.cells.as_ref()?);
        let written = columns.filter(|(column, _)| column.role.is_written());
        Some(written.map(|(_, cell)| cell.clone()).collect())
    }
}

/// Id, hash, token, deleted.
type Freshness = (String, Option<i64>, i64, bool);

/// The places of objects of a list page that the table does not hold with these hashes, or holds with a token above the
/// limit, and what it holds of each. `None`: the database cannot say which.
pub(crate) async fn compare(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    objects: &[(&str, i64)],
    limit: i64,
) -> Result<Option<Vec<(usize, Option<Stored>)>>, TxError> {
    /// Place, hash, token, deleted.
    type Found = (i64, Option<i64>, Option<i64>, bool);
    let pieces = &target.statements.compare;
    if pieces.head.is_empty() {
        return Ok(None);
    }
    let driver = target.kind.driver();
    if let Some(same) = driver.holds_all(conn, target, objects, limit).await? {
        return Ok(same.then(Vec::new));
    }
    let mut differing = Vec::new();
    let mut first = 0;
    let longest = if pieces.is_list() {
        statement::LONG
    } else {
        objects.len()
    };
    for objects in objects.chunks(longest.max(1)) {
        let (sql, binds) = target.comparing(pieces, objects, limit);
        // PostgreSQL counts from one.
        let origin = i64::from(!pieces.is_list());
        for (place, hash, observed_at, deleted) in conn.rows::<Found>(sql, &binds).await? {
            let place = usize::try_from(place - origin).unwrap_or(usize::MAX);
            // A short list of values is filled up with its last one.
            if place >= objects.len() {
                continue;
            }
            let row = observed_at.map(|observed_at| Stored {
                hash,
                observed_at,
                deleted,
                cells: None,
            });
            differing.push((first + place, row));
        }
        first += objects.len();
    }
    Ok(Some(differing))
}

/// Which columns of the struct to read, in the order of its fields, or no flag at all; the others read as NULL.
#[derive(Debug)]
pub(crate) struct WantedColumns(Vec<bool>);

impl WantedColumns {
    /// Every column, local ones included.
    pub(crate) fn all(model: &Model) -> Self {
        Self(vec![true; model.columns().len()])
    }

    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// Those that a sync writes.
    pub(crate) fn written(model: &Model) -> Self {
        let columns = model.columns().iter();
        Self(columns.map(|column| column.role.is_written()).collect())
    }

    /// The columns of a model that are wanted.
    pub(crate) fn of(&self, model: &'static Model) -> Vec<&'static Column> {
        let columns = model.columns().iter().zip(&self.0);
        let columns = columns.filter_map(|(column, wanted)| wanted.then_some(column));
        columns.collect()
    }

    pub(crate) fn only(model: &Model, columns: &[&Column]) -> Self {
        let is_wanted = |column: &Column| columns.iter().any(|one| one.name == column.name);
        Self(model.columns().iter().map(is_wanted).collect())
    }

    /// The cells that were read, in the order of the struct's fields; NULL for the others. `None` if none was wanted.
    pub(crate) fn take(&self, read: Vec<Cell<'static>>) -> Option<Vec<Cell<'static>>> {
        if read.is_empty() {
            return None;
        }
        let mut read = read.into_iter();
        let mut cell = |&wanted: &bool| wanted.then(|| read.next()).flatten();
        let cells = self.0.iter().map(|one| cell(one).unwrap_or(Cell::Null));
        Some(cells.collect())
    }

    /// Those that Stripe sent nothing for, in any of the rows.
    pub(crate) fn absent<'r>(model: &Model, rows: impl IntoIterator<Item = &'r KeyedRow>) -> Self {
        let columns = (0..).zip(model.columns());
        let written = columns.filter(|(_, column)| column.role.is_written());
        let written: Vec<usize> = written.map(|(place, _)| place).collect();
        let mut wanted = Self(vec![false; model.columns().len()]);
        for place in rows.into_iter().flat_map(|row| &row.row.absent) {
            if let Some(&column) = written.get(*place) {
                wanted.0[column] = true;
            }
        }
        wanted
    }
}

/// Which of some objects have a row, how fresh it is, and its wanted columns.
pub(crate) async fn read(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    ids: &[&str],
    lock: bool,
    wanted: &WantedColumns,
) -> Result<HashMap<String, Stored>, TxError> {
    let statement = match lock {
        true => &target.statements.lock,
        false => &target.statements.ask,
    };
    let columns = wanted.of(target.model);
    // The statements of the derive do not know local columns, so columns are put in here.
    let mut head = statement.head.to_string();
    if let Some(place) = head.find(&format!(" FROM {}", target.place.quoted)) {
        head.insert_str(place, &selected(target, &columns));
    }
    let pieces = StatementTemplate {
        head: head.into(),
        ..statement.clone()
    };
    let mut types = Freshness::TYPES.to_vec();
    types.extend(columns.iter().map(|column| cell_type(column)));
    let rows = target.fetch(conn, &pieces, ids, &types).await?;
    let row = |mut row: Vec<Cell<'static>>| {
        let read = row.split_off(Freshness::TYPES.len());
        let (id, hash, observed_at, deleted) = Freshness::take(row)?;
        let stored = Stored {
            hash,
            observed_at,
            deleted,
            cells: wanted.take(read),
        };
        Ok((id, stored))
    };
    rows.into_iter().map(row).collect()
}

/// Columns after others in a SELECT.
pub(crate) fn selected(target: &TableContext<'_>, columns: &[&Column]) -> String {
    let driver = target.kind.driver();
    let read_as = |column: &&Column| {
        let read = driver.read_as(column, target.quote(column.name));
        format!(", {read}")
    };
    columns.iter().map(read_as).collect()
}
