//! Compares a model with the real table.

mod difference;

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::table::OBSERVED_AT;

use super::db::connection::Conn;
use super::db::dialect::DatabaseKind;
use super::db::door::query;
use super::db::error::StoreError;
use super::db::place::Place;
use super::db::retry::TxError;
use super::{Store, ddl};
use crate::cell::CellType;
use crate::model::{Column, Model, Role};

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

async fn columns(conn: &mut Conn<'_>, place: &Place) -> Result<Vec<FoundColumn>, TxError> {
    match conn.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => super::sqlite::columns(conn, place).await,
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => super::postgres::columns(conn, place).await,
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => super::mysql::columns(conn, place).await,
    }
}

async fn unique_keys(conn: &mut Conn<'_>, place: &Place) -> Result<Vec<Vec<String>>, TxError> {
    match conn.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => super::sqlite::unique_keys(conn, place).await,
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => super::postgres::unique_keys(conn, place).await,
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => super::mysql::unique_keys(conn, place).await,
    }
}

fn compare(mend: &Mend<'_>, found: &[FoundColumn], keys: &[Vec<String>]) -> Vec<Difference> {
    if found.is_empty() {
        return vec![mend.missing_table()];
    }
    let model = mend.model;
    let mut differences = Vec::new();
    // Names of columns have no case on MySQL and SQLite, and the derive's are as the user wrote them.
    let find = |name: &str| {
        found
            .iter()
            .find(|column| match mend.database.is_postgres() {
                true => column.name == name,
                false => column.name.eq_ignore_ascii_case(name),
            })
    };
    for column in model.columns() {
        match find(column.name) {
            None => differences.push(mend.missing_column(column)),
            Some(found) => compare_column(mend, column, found, &mut differences),
        }
    }
    let bookkeeping = ddl::bookkeeping(model);
    for &name in &bookkeeping {
        match find(name) {
            None => differences.push(mend.missing_bookkeeping(name)),
            Some(found) => compare_bookkeeping(mend, name, found, &mut differences),
        }
    }
    let known = |name: &str| {
        bookkeeping
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
            || model
                .columns()
                .iter()
                .any(|column| column.name.eq_ignore_ascii_case(name))
    };
    for column in found.iter().filter(|column| !known(&column.name)) {
        if !column.nullable && !column.has_default {
            differences.push(mend.no_default(&column.name, &column.sql_type, None));
        }
    }
    let mut key = ddl::key(model);
    key.sort_unstable();
    let fits = |columns: &Vec<String>| {
        let mut columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        columns.sort_unstable();
        columns.len() == key.len()
            && columns
                .iter()
                .zip(&key)
                .all(|(found, expected)| found.eq_ignore_ascii_case(expected))
    };
    if !keys.iter().any(fits) {
        differences.push(mend.missing_key(keys));
    }
    differences
}

fn compare_column(
    mend: &Mend<'_>,
    column: &'static Column,
    found: &FoundColumn,
    differences: &mut Vec<Difference>,
) {
    let in_key = matches!(column.role, Role::Id | Role::Account | Role::Livemode);
    if !fits(mend, column, found) {
        differences.push(mend.wrong_type(column, &found.sql_type));
    } else if in_key && !compares_exactly(found) {
        differences.push(mend.inexact_key(column, found));
    }
    match column.role {
        Role::Local if found.nullable || found.has_default => {}
        Role::Local => {
            differences.push(mend.no_default(column.name, &found.sql_type, column.cell));
        }
        Role::DeletedAt if !found.nullable => {
            differences.push(mend.not_nullable(column.name, &found.sql_type));
        }
        _ if column.nullable && !found.nullable && !in_key => {
            differences.push(mend.not_nullable(column.name, &found.sql_type));
        }
        _ => {}
    }
}

/// Whether the column holds the struct's values. With a SQL type of their own the user knows.
fn fits(mend: &Mend<'_>, column: &Column, found: &FoundColumn) -> bool {
    let (Some(cell), None) = (column.cell, column.sql_type) else {
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

fn compare_bookkeeping(
    mend: &Mend<'_>,
    name: &'static str,
    found: &FoundColumn,
    differences: &mut Vec<Difference>,
) {
    let cell = ddl::bookkeeping_cell(name);
    if !(mend.dialect().accepts)(cell, &found.base) {
        differences.push(mend.wrong_bookkeeping(name, &found.sql_type));
    }
    if name == OBSERVED_AT {
        // No comparison with NULL is true, so such a row would never be written again.
        if found.nullable {
            differences.push(mend.nullable(name, &found.sql_type));
        }
    } else if !found.nullable {
        differences.push(mend.not_nullable(name, &found.sql_type));
    }
}
