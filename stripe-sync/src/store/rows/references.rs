//! Ids in a column that have no row in the table of the model that the column refers to.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::sql::Database;
use stripe_sync_schema::table::DELETED_AT;

use crate::model::{Model, Role};
use crate::store::db::catalog::{ForeignKeys, column_of, columns, foreign_keys};
use crate::store::db::store::SCAN_TIMEOUT;
use crate::store::db::{Bind, Scope, Store, StoreError, TableContext, query};

impl Store {
    /// Returns different ids of a column, in order, that have no row in the table of another model with the same account and
    /// mode: the first ones, or those behind an id. A row that is marked as deleted is a row.
    ///
    /// # Errors
    /// When one of the models was derived for other databases, or the database fails.
    pub(crate) async fn missing_references(
        &self,
        reference: (&'static Model, &'static str),
        other: &'static Model,
        scope: &Scope,
        page: (Option<&str>, usize),
    ) -> Result<Vec<String>, StoreError> {
        self.ids_without_row(reference, other, scope, page, false)
            .await
    }

    /// Returns different ids of parents, in order, that rows of a child name and that have no row in the parents' table: the
    /// first ones, or those behind an id. Rows that are marked as deleted count for none, here and there.
    ///
    /// # Errors
    /// As [`missing_references`](Self::missing_references).
    pub(crate) async fn missing_parents(
        &self,
        child: &'static Model,
        parent: &'static Model,
        scope: &Scope,
        page: (Option<&str>, usize),
    ) -> Result<Vec<String>, StoreError> {
        let Some(column) = child.role(Role::Parent) else {
            return Ok(Vec::new());
        };
        let reference = (child, column.name);
        self.ids_without_row(reference, parent, scope, page, true)
            .await
    }

    async fn ids_without_row(
        &self,
        (model, column): (&'static Model, &'static str),
        other: &'static Model,
        scope: &Scope,
        (behind, at_most): (Option<&str>, usize),
        only_alive: bool,
    ) -> Result<Vec<String>, StoreError> {
        let (from, to) = (self.target(model, scope)?, self.target(other, scope)?);
        let kind = self.kind();
        query!(self, from.table(), async |conn| {
            let found = columns(conn, &from.place).await?;
            // A collation that takes different ids for equal would show one of them.
            let is_exact = column_of(kind, column, &found)
                .and_then(|found| found.collation.as_ref())
                .is_none_or(|collation| collation.ends_with("_bin") || collation == "binary");
            let reference = id(&from, "m", column);
            let shown = match is_exact || kind.sql() != Database::MySql {
                true => reference.clone(),
                false => format!("CONVERT({reference} USING utf8mb4) COLLATE utf8mb4_bin"),
            };
            // In the order in which they stand in the statement.
            let mut binds = Vec::new();
            let mut of_from = of_scope(&from, "m", &mut binds);
            let mut of_to = of_scope(&to, "r", &mut binds);
            if only_alive {
                of_from += &is_alive(&from, "m");
                of_to += &is_alive(&to, "r");
            }
            let key = to.model.role(Role::Id).map_or("id", |column| column.name);
            let key = id(&to, "r", key);
            let behind = behind.map_or(String::new(), |behind| {
                binds.push(Bind::text(behind));
                format!(" AND {shown} > {}", kind.placeholder(binds.len()))
            });
            let sql = format!(
                "SELECT DISTINCT {shown} FROM {} AS m WHERE {reference} IS NOT NULL{of_from} AND NOT EXISTS \
                 (SELECT 1 FROM {} AS r WHERE {key} = {reference}{of_to}){behind} ORDER BY 1 LIMIT {at_most}",
                from.place.quoted, to.place.quoted,
            );
            conn.limit = SCAN_TIMEOUT;
            conn.rows::<String>(AssertSqlSafe(sql), &binds).await
        })
    }

    /// Returns to which tables foreign keys of a model's table lead.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn foreign_keys(
        &self,
        model: &'static Model,
    ) -> Result<ForeignKeys, StoreError> {
        let place = self.place(model);
        query!(self, &place.name, async |conn| {
            foreign_keys(conn, &place).await
        })
    }
}

/// A column with ids, as a text: PostgreSQL compares only few types with each other.
fn id(target: &TableContext<'_>, alias: &str, name: &str) -> String {
    let quoted = format!("{alias}.{}", target.quote(name));
    let mut columns = target.model.columns().iter();
    let has_own_type = columns.any(|column| column.name == name && column.sql_type.is_some());
    match has_own_type && target.kind.sql() == Database::Postgres {
        true => format!("CAST({quoted} AS text)"),
        false => quoted,
    }
}

/// The conditions that a row is of the account and mode.
fn of_scope<'b>(target: &'b TableContext<'_>, alias: &str, binds: &mut Vec<Bind<'b>>) -> String {
    let roles = [Role::Account, Role::Livemode].into_iter();
    let columns = roles.filter_map(|role| target.model.role(role));
    let mut conditions = String::new();
    for (column, bind) in columns.zip(target.scope_binds()) {
        binds.push(bind);
        let name = target.quote(column.name);
        let place = target.kind.placeholder(binds.len());
        conditions += &format!(" AND {alias}.{name} = {place}");
    }
    conditions
}

/// The condition that a row is not marked as deleted.
fn is_alive(target: &TableContext<'_>, alias: &str) -> String {
    if !target.versioned() {
        return String::new();
    }
    let column = target.model.role(Role::DeletedAt);
    let column = target.quote(column.map_or(DELETED_AT, |column| column.name));
    format!(" AND {alias}.{column} IS NULL")
}
