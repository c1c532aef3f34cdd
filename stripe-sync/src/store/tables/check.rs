//! Compares a model with the real table.

pub(crate) mod conversion;
pub(crate) mod difference;
mod mend;
pub(crate) mod missing_index;

use sqlx::AssertSqlSafe;
use stripe_sync_schema::Kind;
use stripe_sync_schema::fields::{self, Step};

use crate::cell::CellType;
use crate::model::Model;
use crate::store::db::catalog::{column_of, examined, obstacles, unique_keys};
use crate::store::db::column::wanted;
use crate::store::db::column::wanted::{Nulls, fit};
use crate::store::db::{
    Conn, Fit, FoundColumn, Place, Store, StoreError, TableColumn, TxError, query,
};
use crate::store::tables::{create, schema};

use difference::{Difference, DifferenceKind};
use mend::Mend;

/// Stripe's ids have up to 255 characters.
const ID_LENGTH: i64 = 255;

/// The letters of a currency's code.
const CURRENCY_LENGTH: i64 = 3;

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
        // The table may have changed since it was looked at.
        self.forget_facts(&place);
        query!(self, &place.name, async |conn| {
            differences(conn, &place, model).await
        })
    }

    /// Creates the model's table, with the schema of its namespace, or adds the columns and the key that it lacks.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn ensure_table(&self, model: &'static Model) -> Result<(), StoreError> {
        use DifferenceKind::{MissingColumn, MissingKey, MissingTable};
        self.prepare().await?;
        self.ensure_schema(model).await?;
        let table = &self.place(model).name;
        for difference in self.check_table(model).await? {
            let added = matches!(difference.kind(), MissingTable | MissingColumn | MissingKey);
            // What no statement mends, the caller's next run says.
            if !added || difference.fix().starts_with("--") {
                continue;
            }
            let mended = query!(self, table, async |conn| {
                conn.limit = crate::store::db::store::DDL_TIMEOUT;
                let fix = difference.fix().to_owned();
                conn.run(AssertSqlSafe(fix)).await
            });
            // Another process may have been faster.
            if mended.is_err() && self.check_table(model).await?.contains(&difference) {
                return mended;
            }
        }
        Ok(())
    }
}

/// Compares a model with the real table, on a connection that may be in the middle of something.
pub(crate) async fn differences(
    conn: &mut Conn<'_>,
    place: &Place,
    model: &'static Model,
) -> Result<Vec<Difference>, TxError> {
    let columns = examined(conn, place, model).await?;
    let keys = match columns.is_empty() {
        true => Vec::new(),
        false => unique_keys(conn, place).await?,
    };
    let mend = Mend {
        model,
        database: conn.kind(),
        place,
        found: &columns,
        has_schema: !columns.is_empty() || schema::is_there(conn, place).await?,
    };
    let mut differences = compare(&mend, &keys);
    if !columns.is_empty() && !differences.is_empty() {
        let (obstacles, key) = (obstacles(conn, place).await?, create::key(model));
        differences
            .iter_mut()
            .for_each(|difference| difference.obstruct(&obstacles, &key));
    }
    Ok(differences)
}

fn compare(mend: &Mend<'_>, keys: &[Vec<String>]) -> Vec<Difference> {
    let found = mend.found;
    if found.is_empty() {
        return vec![mend.missing_table()];
    }
    let mut differences = Vec::new();
    let columns = wanted::columns(mend.model, mend.database.driver());
    for column in &columns {
        match column_of(mend.database, column.name, found) {
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
    let key = create::key(mend.model).into_iter().map(str::to_owned);
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
    if found.generated && !column.local {
        differences.push(mend.generated(column, found));
        return;
    }
    if found.old_numbers {
        differences.push(mend.old_numbers(column, found));
    } else if fit(mend.database.driver(), column, found) == Fit::No {
        differences.push(mend.wrong_type(column, found));
    } else if is_too_short(mend.model, column, found) {
        differences.push(mend.too_short(column, found, CURRENCY_LENGTH));
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

/// Whether no value at all goes into the column, as far as the schema knows its values.
fn is_too_short(model: &Model, column: &TableColumn, found: &FoundColumn) -> bool {
    let (Some(CellType::Text), Some(length)) = (column.cell, found.length) else {
        return false;
    };
    if length >= CURRENCY_LENGTH {
        return false;
    }
    let mut columns = model.columns().iter();
    let path = columns.find(|other| other.name == column.name);
    let path = path.map_or("", |column| column.path);
    let steps: Vec<Step<'_>> = path.split('.').map(Step::Key).collect();
    let known = fields::resolve_expanded(model.object(), &steps);
    known.is_ok_and(|known| known.kind == Kind::Currency)
}

/// Whether a key's column distinguishes all ids: by case, and to their end.
fn compares_exactly(found: &FoundColumn) -> bool {
    let by_case = found
        .collation
        .as_ref()
        .is_none_or(|collation| collation.ends_with("_bin") || collation == "binary");
    by_case && found.length.is_none_or(|length| length >= ID_LENGTH) && found.base != "citext"
}
