//! Indexes that a struct asks for and its table lacks: hints, because a table without them is only slower.

use std::fmt;

use crate::model::Model;
use crate::store::db::catalog::{self, FoundIndex, column_of};
use crate::store::db::{DatabaseKind, FoundColumn, Place, Store, StoreError, query};
use crate::store::tables::check::mend;
use crate::store::tables::indexes::{self, TableIndex};

/// An index that a struct asks for and its table lacks. A run writes to the table all the same.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct MissingIndex {
    /// The table, with its schema if it has one.
    pub table: String,
    /// The columns, in the order of the index.
    pub columns: Vec<String>,
    /// Whether no two rows may have the same values.
    pub unique: bool,
    /// The statements that create it, with `;` between them. On a large table they take a while, during which PostgreSQL blocks
    /// writes unless you write `CREATE INDEX CONCURRENTLY`.
    pub statement: String,
}

impl fmt::Display for MissingIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unique = if self.unique { "unique index" } else { "index" };
        let columns = self.columns.join(", ");
        write!(
            f,
            "{}: no {unique} on ({columns}); to create it: {}",
            self.table, self.statement
        )
    }
}

impl Store {
    /// Returns the indexes that a model's table lacks; none of a table that is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn missing_indexes(
        &self,
        model: &'static Model,
    ) -> Result<Vec<MissingIndex>, StoreError> {
        let place = self.place(model);
        let wanted = indexes::of(model, &place.table);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let kind = self.kind();
        query!(self, &place.name, async |conn| {
            let columns = catalog::columns(conn, &place).await?;
            let found = catalog::indexes(conn, &place).await?;
            let missing = wanted
                .iter()
                .filter(|index| is_missing(kind, index, &columns, &found));
            let missing = missing.map(|index| MissingIndex {
                table: place.name.clone(),
                columns: index
                    .columns
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect(),
                unique: index.unique,
                statement: statement(kind, &place, index, &columns),
            });
            Ok(missing.collect())
        })
    }
}

/// Whether the table has the columns of an index and not the index.
fn is_missing(
    kind: DatabaseKind,
    index: &TableIndex,
    columns: &[FoundColumn],
    found: &[FoundIndex],
) -> bool {
    let is = |name: &str, found: &str| match kind.dialect().names_have_case {
        true => name == found,
        false => name.eq_ignore_ascii_case(found),
    };
    // Others that begin with the columns find the rows too; the same values are only kept out by those columns alone.
    let serves = |found: &FoundIndex| match index.unique {
        true => {
            let mut columns = found.columns.iter();
            found.unique
                && found.columns.len() == index.columns.len()
                && columns.all(|(found, whole)| {
                    *whole && index.columns.iter().any(|name| is(name, found))
                })
        }
        false => {
            let pairs = index.columns.iter().zip(&found.columns);
            found.columns.len() >= index.columns.len()
                && pairs.into_iter().all(|(name, (found, _))| is(name, found))
        }
    };
    let is_there = |name: &&str| column_of(kind, name, columns).is_some();
    index.columns.iter().all(is_there) && !found.iter().any(serves)
}

/// The statements that create an index.
fn statement(
    kind: DatabaseKind,
    place: &Place,
    index: &TableIndex,
    columns: &[FoundColumn],
) -> String {
    let dialect = kind.dialect();
    let length = |name: &str| {
        let found = column_of(kind, name, columns)?;
        indexes::length(dialect, &found.sql_type, index)
    };
    if !index.unique {
        return index.create(kind, &place.table, length);
    }
    // Texts without a length have to get one, because they are compared as a whole.
    let modify = index.columns.iter().filter(|name| length(name).is_some());
    let modify = modify.map(|name| {
        let nullable = column_of(kind, name, columns).is_none_or(|found| found.nullable);
        let key_text = dialect.key_text;
        mend::retype(place, &kind.sql().quote(name), key_text, nullable) + "; "
    });
    let create = index.create(kind, &place.table, |_| None);
    modify.collect::<String>() + &create
}
