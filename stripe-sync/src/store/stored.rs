//! What a table holds already of some objects.

use std::collections::{BTreeSet, HashMap};

use stripe_sync_schema::sql::quote;
use stripe_sync_schema::table::{DELETED_AT, HASH, OBSERVED_AT};

use super::db::connection::Conn;
use super::db::retry::TxError;
use super::db::row::{Row as _, RowError};
use super::db::statement::{self, Pieces};
use super::target::Target;
use crate::cell::{Cell, CellType};
use crate::model::{Column, Role};

/// What a table holds of one object.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) hash: Option<i64>,
    pub(super) observed_at: i64,
    /// Whether the row is marked as deleted.
    pub(super) deleted: bool,
    /// The struct's columns in the order of its fields, if they were read; those that were not wanted are NULL.
    pub(super) cells: Option<Vec<Cell<'static>>>,
}

impl Stored {
    /// The cells that a sync writes, in the order of a row, if columns were read.
    pub(super) fn written(&self, target: &Target<'_>) -> Option<Vec<Cell<'static>>> {
        let columns = target.model.columns().iter().zip(self.cells.as_ref()?);
        Some(
            columns
                .filter(|(column, _)| column.role.is_written())
                .map(|(_, cell)| cell.clone())
                .collect(),
        )
    }
}

/// Which of some objects have a row, and how fresh it is.
pub(super) async fn ask(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
    lock: bool,
) -> Result<HashMap<String, Stored>, TxError> {
    let statement = if lock {
        &target.statements.lock
    } else {
        &target.statements.ask
    };
    let rows = target
        .fetch(conn, statement.pieces(), ids, Freshness::TYPES)
        .await?;
    rows.into_iter().map(|row| Ok(stored(row)?)).collect()
}

/// Id, hash, token, deleted.
type Freshness = (String, Option<i64>, i64, bool);

/// What a table holds of an object that is not there with the same content.
#[derive(Debug)]
pub(super) struct Differs {
    /// The object's place among those that were compared.
    pub(super) place: usize,
    /// The row, if there is one.
    pub(super) row: Option<Stored>,
}

/// Which objects of a list page the table does not hold with these hashes, or holds with a token above the limit.
/// `None`: the database cannot say which.
pub(super) async fn compare(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    objects: &[(&str, i64)],
    limit: i64,
) -> Result<Option<Vec<Differs>>, TxError> {
    /// Place, hash, token, deleted.
    type Found = (i64, Option<i64>, Option<i64>, bool);
    let pieces = target.statements.compare.pieces();
    if pieces.head.is_empty() {
        return Ok(None);
    }
    #[cfg(feature = "mysql")]
    if target.kind.is_mysql() {
        let same = super::mysql::holds_all(conn, target, objects, limit).await?;
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
            let place = first + place;
            differing.push(Differs { place, row });
        }
        first += objects.len();
    }
    Ok(Some(differing))
}

/// Which columns to read.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Every column of the struct, local ones included.
    All,
    /// Those at these places of a row; the others read as NULL.
    Written(BTreeSet<usize>),
}

impl Wanted {
    /// Whether the column is read, and at which place of a row it is, if it is written.
    fn holds(&self, column: &Column, place: &mut usize) -> bool {
        let Self::Written(places) = self else {
            return true;
        };
        if !column.role.is_written() {
            return false;
        }
        *place += 1;
        places.contains(&(*place - 1))
    }

    /// For each column of the struct, whether it is read.
    fn of(&self, target: &Target<'_>) -> Vec<bool> {
        let mut place = 0;
        let columns = target.model.columns().iter();
        columns
            .map(|column| self.holds(column, &mut place))
            .collect()
    }
}

/// The same with columns of the struct.
pub(super) async fn read(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
    lock: bool,
    wanted: &Wanted,
) -> Result<HashMap<String, Stored>, TxError> {
    let wanted = wanted.of(target);
    let (head, row, tail) = reading(target, lock, &wanted);
    let pieces = Pieces {
        head: &head,
        row,
        tail: &tail,
    };
    let columns: Vec<CellType> = Freshness::TYPES
        .iter()
        .copied()
        .chain(wanted_columns(target, &wanted).map(cell_type))
        .collect();
    let rows = target.fetch(conn, pieces, ids, &columns).await?;
    let row = |mut row: Vec<Cell<'static>>| {
        let mut read = row.split_off(Freshness::TYPES.len()).into_iter();
        let (id, mut stored) = stored(row)?;
        let mut cell = |&wanted: &bool| wanted.then(|| read.next()).flatten();
        let cells = wanted.iter().map(|one| cell(one).unwrap_or(Cell::Null));
        stored.cells = Some(cells.collect());
        Ok((id, stored))
    };
    rows.into_iter().map(row).collect()
}

fn wanted_columns<'w>(
    target: &Target<'_>,
    wanted: &'w [bool],
) -> impl Iterator<Item = &'static Column> + use<'w> {
    let columns = target.model.columns().iter().zip(wanted);
    columns.filter_map(|(column, &wanted)| wanted.then_some(column))
}

fn stored(row: Vec<Cell<'static>>) -> Result<(String, Stored), RowError> {
    let (id, hash, observed_at, deleted) = Freshness::take(row)?;
    let stored = Stored {
        hash,
        observed_at,
        deleted,
        cells: None,
    };
    Ok((id, stored))
}

/// The type as which a column is read; a local one whose type only the user knows reads as text.
fn cell_type(column: &Column) -> CellType {
    column.cell.unwrap_or(CellType::Text)
}

/// The statement that reads whole rows. It is made here because the statements of the derive do not know local columns.
fn reading(target: &Target<'_>, lock: bool, wanted: &[bool]) -> (String, &'static str, String) {
    let dialect = target.kind.dialect();
    let quoted = |name: &str| quote(name, dialect.quote);
    let read_as = |name: &str, kind: CellType| match (dialect.read_as)(kind) {
        Some(sql_type) => format!("CAST({} AS {sql_type})", quoted(name)),
        None => quoted(name),
    };
    let name_of = |role: Role| target.model.role(role).map(|column| column.name);
    let id = name_of(Role::Id).unwrap_or("id");

    let mut selected = vec![read_as(id, CellType::Text)];
    if target.guarded() {
        let deleted_at = name_of(Role::DeletedAt).unwrap_or(DELETED_AT);
        selected.extend([
            quoted(HASH),
            quoted(OBSERVED_AT),
            format!("{} IS NOT NULL", quoted(deleted_at)),
        ]);
    } else {
        selected.push(dialect.no_freshness.to_owned());
    }
    let columns = wanted_columns(target, wanted);
    selected.extend(columns.map(|column| read_as(column.name, cell_type(column))));
    let select = format!(
        "SELECT {} FROM {}",
        selected.join(", "),
        target.place.quoted
    );
    let scope: Vec<String> = [Role::Account, Role::Livemode]
        .into_iter()
        .filter_map(name_of)
        .map(quoted)
        .collect();

    #[cfg(feature = "postgres")]
    if target.kind.is_postgres() {
        let id_type = target.model.role(Role::Id).and_then(|id| id.sql_type);
        let condition = stripe_sync_schema::sql::postgres::by_ids(&scope, &quoted(id), id_type, 1);
        let lock = match lock {
            true => format!(" ORDER BY {} FOR NO KEY UPDATE", quoted(id)),
            false => String::new(),
        };
        return (format!("{select}{condition}{lock}"), "", String::new());
    }
    let scope: String = scope
        .iter()
        .map(|name| format!("{name} = ? AND "))
        .collect();
    let tail = match lock {
        true if target.kind.is_mysql() => format!(") ORDER BY {} FOR UPDATE", quoted(id)),
        _ => ")".to_owned(),
    };
    (
        format!("{select} WHERE {scope}{} IN (", quoted(id)),
        "?",
        tail,
    )
}
