//! Compares a model with the real table.

mod difference;

use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::Store;
use super::db::bind::Bind;
use super::db::connection::Conn;
use super::db::door::query;
use super::db::error::StoreError;
use super::db::place::Place;
use super::db::retry::TxError;
use super::ddl::{self, Nulls, TableColumn};
use crate::cell::CellType;
use crate::model::Model;

use difference::Mend;
pub use difference::{Difference, DifferenceKind};

/// Stripe's decimals have up to twelve places; a column with fewer rounds in silence.
const PLACES: i64 = 12;
/// Stripe's ids have up to 255 characters.
const ID_LENGTH: i64 = 255;

/// A column of a real table.
#[derive(Debug)]
pub(super) struct FoundColumn {
    pub(super) name: String,
    /// The type as the database writes it.
    pub(super) sql_type: String,
    /// The type in lower case, without length or precision, below any domain.
    pub(super) base: String,
    pub(super) nullable: bool,
    /// Whether an INSERT may leave it out although it is not null.
    pub(super) has_default: bool,
    /// The places of a decimal, if they are limited.
    pub(super) scale: Option<i64>,
    /// The characters that a text may have, where comparing needs to know.
    pub(super) length: Option<i64>,
    /// How texts are compared, where it matters.
    pub(super) collation: Option<String>,
}

impl Store {
    /// Compares a model with the real table. Empty means that all is well.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn check_table(
        &self,
        model: &'static Model,
    ) -> Result<Vec<Difference>, StoreError> {
        let place = self.place(model);
        query!(self, &place.name, async |conn| {
            let columns = columns(conn, &place).await?;
            let keys = match columns.is_empty() {
                true => Vec::new(),
                false => unique_keys(conn, &place).await?,
            };
            let mend = Mend::new(model, &place, self.kind());
            Ok(compare(&mend, &columns, &keys))
        })
    }

    /// Creates the model's table, or adds the columns and the key that it lacks.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn ensure_table(&self, model: &'static Model) -> Result<(), StoreError> {
        use DifferenceKind::{MissingColumn, MissingKey, MissingTable};
        self.prepare().await?;
        let table = &self.place(model).name;
        for difference in self.check_table(model).await? {
            let added = matches!(difference.kind(), MissingTable | MissingColumn | MissingKey);
            if !added {
                continue;
            }
            let mended = query!(self, table, async |conn| {
                conn.limit = super::DDL_TIMEOUT;
                let fix = difference.fix().to_owned();
                conn.run(AssertSqlSafe(fix).into_sql_str()).await
            });
            // Another process may have been faster.
            if mended.is_err() && self.check_table(model).await?.contains(&difference) {
                return mended;
            }
        }
        Ok(())
    }
}

/// The columns of a table; none if there is no such table.
pub(super) async fn columns(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<FoundColumn>, TxError> {
    type Row = (
        String,
        String,
        String,
        bool,
        bool,
        Option<i64>,
        Option<i64>,
        Option<String>,
    );
    let sql = conn.kind().dialect().columns;
    let rows = conn.rows::<Row>(sql, &named(conn, place)).await?;
    let found =
        |(name, sql_type, base, nullable, has_default, scale, length, collation)| FoundColumn {
            name,
            sql_type,
            base,
            nullable,
            has_default,
            scale,
            length,
            collation,
        };
    Ok(rows.into_iter().map(found).collect())
}

/// The columns of each unique key of a table.
pub(super) async fn unique_keys(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<Vec<String>>, TxError> {
    let sql = conn.kind().dialect().unique_keys;
    let rows = conn
        .rows::<(String, String)>(sql, &named(conn, place))
        .await?;
    let keys = rows.chunk_by(|(key, _), (next, _)| key == next);
    let columns = |key: &[(String, String)]| key.iter().map(|row| row.1.clone()).collect();
    Ok(keys.map(columns).collect())
}

/// A table's name as parameters of the questions about it.
fn named<'b>(conn: &Conn<'_>, place: &'b Place) -> Vec<Bind<'b>> {
    if conn.kind().is_postgres() {
        return vec![Bind::text(&place.quoted)];
    }
    let schema = Bind::text_or_null(place.table.schema());
    vec![schema, Bind::text(place.table.name())]
}

fn compare(mend: &Mend<'_>, found: &[FoundColumn], keys: &[Vec<String>]) -> Vec<Difference> {
    if found.is_empty() {
        return vec![mend.missing_table()];
    }
    let mut differences = Vec::new();
    let columns = ddl::columns(mend.model, mend.dialect());
    for column in &columns {
        // Names of columns have no case on MySQL and SQLite, and the derive's are as the user wrote them.
        let found = found
            .iter()
            .find(|found| match mend.database.is_postgres() {
                true => column.name == found.name,
                false => column.name.eq_ignore_ascii_case(&found.name),
            });
        match found {
            None => differences.push(mend.missing_column(column)),
            Some(found) => compare_column(mend, column, found, &mut differences),
        }
    }
    for found in found {
        let mut columns = columns.iter();
        let known = columns.any(|column| column.name.eq_ignore_ascii_case(&found.name));
        if !known && !found.nullable && !found.has_default {
            differences.push(mend.no_default(found, None));
        }
    }
    let sorted = |mut key: Vec<String>| {
        key.iter_mut().for_each(|name| name.make_ascii_lowercase());
        key.sort_unstable();
        key
    };
    let key = ddl::key(mend.model).into_iter().map(str::to_owned);
    let key = sorted(key.collect());
    if !keys.iter().any(|found| sorted(found.clone()) == key) {
        differences.push(mend.missing_key(keys));
    }
    differences
}

fn compare_column(
    mend: &Mend<'_>,
    column: &TableColumn,
    found: &FoundColumn,
    differences: &mut Vec<Difference>,
) {
    if !fits(mend, column, found) {
        differences.push(mend.wrong_type(column, found));
    } else if column.in_key && !compares_exactly(found) {
        differences.push(mend.inexact_key(column, found));
    }
    match column.nulls {
        Nulls::Accepted if !found.nullable => differences.push(mend.not_nullable(found)),
        Nulls::Refused if found.nullable => differences.push(mend.nullable(found)),
        Nulls::AcceptedOrDefault if !found.nullable && !found.has_default => {
            differences.push(mend.no_default(found, column.cell));
        }
        _ => {}
    }
}

/// Whether the column holds the struct's values. With a SQL type of their own the user knows.
fn fits(mend: &Mend<'_>, column: &TableColumn, found: &FoundColumn) -> bool {
    let (Some(cell), false) = (column.cell, column.own_type) else {
        return true;
    };
    let rounds = cell == CellType::Decimal && found.scale.is_some_and(|places| places < PLACES);
    (mend.dialect().accepts)(cell, &found.base) && !rounds
}

/// Whether a key's column tells all ids apart: by case, and to their end.
fn compares_exactly(found: &FoundColumn) -> bool {
    let by_case = found
        .collation
        .as_ref()
        .is_none_or(|collation| collation.ends_with("_bin") || collation == "binary");
    by_case && found.length.is_none_or(|length| length >= ID_LENGTH) && found.base != "citext"
}
