//! What a piece of work is about: the model, the account and mode, and the statements of the database.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::cell::CellType;
use crate::model::{Model, Role};
use crate::store::db::store::place::PlacedStatements;
use crate::store::db::{
    Bind, Conn, DatabaseKind, Place, Rows, Scope, Settings, StatementTemplate, Store, StoreError,
    TxError, statement,
};

/// What a piece of work is about.
#[derive(Debug, Clone)]
pub(crate) struct TableContext<'a> {
    pub(crate) kind: DatabaseKind,
    pub(crate) settings: &'a Settings,
    pub(crate) model: &'static Model,
    pub(crate) scope: &'a Scope,
    pub(crate) place: Arc<Place>,
    pub(crate) statements: Arc<PlacedStatements>,
}

impl Store {
    /// Returns what a piece of work is about.
    ///
    /// # Errors
    /// When the model was derived for other databases.
    pub(crate) fn target<'a>(
        &'a self,
        model: &'static Model,
        scope: &'a Scope,
    ) -> Result<TableContext<'a>, StoreError> {
        let place = self.place(model);
        Ok(TableContext {
            kind: self.kind(),
            settings: &self.settings,
            model,
            scope,
            statements: place.statements(self.kind(), model)?,
            place,
        })
    }

    /// Checks that a model was derived for the connected database, which keeps the name of its table.
    ///
    /// # Errors
    /// When it was not, or the name would be cut.
    pub(crate) fn check_derived(&self, model: &'static Model) -> Result<(), StoreError> {
        self.place(model).statements(self.kind(), model).map(drop)
    }

    /// Returns where a model's table is.
    pub(crate) fn place(&self, model: &'static Model) -> Arc<Place> {
        self.places.of(self.kind(), model)
    }
}

impl TableContext<'_> {
    /// The table's name in messages and in the bookkeeping.
    pub(crate) fn table(&self) -> &str {
        &self.place.name
    }

    /// The table, account and mode as parameters of the bookkeeping.
    pub(crate) fn key(&self) -> [Bind<'_>; 3] {
        crate::store::db::scope::scope_binds(self.table(), self.scope)
    }

    /// The parameters of a statement with that key, and others before and after it.
    pub(crate) fn around<'b>(&'b self, before: &[Bind<'b>], after: &[Bind<'b>]) -> Vec<Bind<'b>> {
        [before, &self.key(), after].concat()
    }

    pub(crate) fn versioned(&self) -> bool {
        !self.model.parts.unversioned
    }

    /// Whether rows are delivered as they were before and after.
    pub(crate) fn keeps_changes(&self) -> bool {
        self.model.parts.after_commit.is_some()
    }

    /// Bumps the token of rows that are as the read found them.
    pub(crate) async fn bump(
        &self,
        conn: &mut Conn<'_>,
        ids: &[&str],
        token: i64,
    ) -> Result<(), TxError> {
        let token = [Bind::integer(token)];
        let bump = &self.statements.raise;
        self.execute(conn, bump, &token, ids, &token).await
    }

    /// The key without the id, in the order of the key.
    pub(crate) fn scope_binds(&self) -> Vec<Bind<'_>> {
        let mut binds = Vec::with_capacity(3);
        if self.model.role(Role::Account).is_some() {
            binds.push(Bind::text(&self.scope.account));
        }
        if self.model.role(Role::Livemode).is_some() {
            binds.push(Bind::boolean(self.scope.livemode));
        }
        binds
    }

    /// The rows of the account and mode in a statement, of which these are the first parameters.
    pub(crate) fn rows_of_scope(&self) -> String {
        let columns = [Role::Account, Role::Livemode].into_iter();
        let columns = columns.filter_map(|role| self.model.role(role));
        let mut rows = format!("FROM {}", self.place.quoted);
        for (number, column) in (1..).zip(columns) {
            let and = if number == 1 { "WHERE" } else { "AND" };
            let (name, place) = (self.quote(column.name), self.kind.placeholder(number));
            rows += &format!(" {and} {name} = {place}");
        }
        rows
    }

    /// A column's name in quotes.
    pub(crate) fn quote(&self, name: &str) -> String {
        self.kind.sql().quote(name)
    }

    /// Runs a statement about rows with certain ids, and returns its rows.
    pub(crate) async fn fetch(
        &self,
        conn: &mut Conn<'_>,
        pieces: &StatementTemplate,
        ids: &[&str],
        columns: &[CellType],
    ) -> Result<Rows, TxError> {
        let mut rows = Vec::with_capacity(ids.len());
        for ids in ids.chunks(pieces.longest(ids.len())) {
            let (sql, binds) = self.about(pieces, &[], ids, &[]);
            rows.extend(conn.cells(sql, &binds, columns).await?);
        }
        Ok(rows)
    }

    /// Runs a statement about rows with certain ids that returns no rows. `before` and `after` are bound before the
    /// scope and after the ids.
    pub(crate) async fn execute(
        &self,
        conn: &mut Conn<'_>,
        pieces: &StatementTemplate,
        before: &[Bind<'_>],
        ids: &[&str],
        after: &[Bind<'_>],
    ) -> Result<(), TxError> {
        for ids in ids.chunks(pieces.longest(ids.len())) {
            let (sql, binds) = self.about(pieces, before, ids, after);
            conn.execute(sql, &binds).await?;
        }
        Ok(())
    }

    /// The statement that compares objects of a list page with the table.
    pub(crate) fn comparing<'b>(
        &'b self,
        pieces: &StatementTemplate,
        objects: &[(&'b str, i64)],
        limit: i64,
    ) -> (SqlStr, Vec<Bind<'b>>) {
        let mut binds = Vec::new();
        let mut rows = 0;
        if pieces.is_list() {
            rows = statement::padded_long(objects.len());
            for (place, (id, hash)) in (0..).zip(statement::filled(objects, rows)) {
                binds.extend([Bind::integer(place), Bind::text(id), Bind::integer(*hash)]);
            }
        } else {
            let (ids, hashes) = objects.iter().copied().unzip();
            binds.extend([Bind::Texts(ids), Bind::Integers(hashes)]);
        }
        binds.extend(self.scope_binds());
        binds.push(Bind::integer(limit));
        (AssertSqlSafe(pieces.assemble(rows)).into_sql_str(), binds)
    }

    fn about<'b>(
        &'b self,
        pieces: &StatementTemplate,
        before: &[Bind<'b>],
        ids: &[&'b str],
        after: &[Bind<'b>],
    ) -> (SqlStr, Vec<Bind<'b>>) {
        let mut binds = before.to_vec();
        binds.extend(self.scope_binds());
        let mut rows = 0;
        if pieces.is_list() {
            rows = statement::padded(ids.len());
            binds.extend(statement::filled(ids, rows).map(|id| Bind::text(id)));
        } else {
            binds.push(Bind::Texts(ids.to_vec()));
        }
        binds.extend_from_slice(after);
        (AssertSqlSafe(pieces.assemble(rows)).into_sql_str(), binds)
    }
}
