//! The statements that create a model's table, and its key.

use crate::model::registry::{Registry, TableName};
use crate::model::{Model, Role};
use crate::store::db::column::wanted;
use crate::store::db::{DatabaseKind, StoreError, TableColumn};

impl Registry {
    /// Returns the statements that create all tables on a database, for a migration.
    /// [`bookkeeping_statements`](crate::store::tables::bookkeeping_statements) gives those of the bookkeeping tables.
    #[must_use]
    pub fn create_tables(&self, database: DatabaseKind) -> Vec<String> {
        let tables = self.models().zip(self.tables());
        tables
            .flat_map(|(model, table)| create_table(model, &table, database))
            .collect()
    }
}

/// The statements that create a model's table with its bookkeeping columns and its key. Of a model that was derived for other
/// databases, which every call refuses there, the words of the refusal as a comment.
pub(crate) fn create_table(
    model: &Model,
    table: &TableName,
    database: DatabaseKind,
) -> Vec<String> {
    let (driver, dialect) = (database.driver(), database.dialect());
    if (dialect.statements)(&model.parts.sql).is_none() {
        return vec![format!("-- {}", StoreError::not_derived(model, database))];
    }
    let quoted = |name: &str| database.sql().quote(name);
    let columns = wanted::columns(model, driver).into_iter();
    let line = |column: TableColumn| {
        let name = quoted(column.name);
        format!("  {name} {}{},\n", column.sql_type, column.constraint)
    };
    let lines: String = columns.map(line).collect();
    let key: Vec<String> = key(model).into_iter().map(quoted).collect();
    let sql = database.sql();
    let table = sql.quote_table(table.schema(), table.name());
    let charset = dialect.table_options;
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {table} (\n{lines}  PRIMARY KEY ({})\n){charset}",
        key.join(", ")
    )]
}

/// The columns of the model's key.
pub(crate) fn key(model: &Model) -> Vec<&'static str> {
    [Role::Account, Role::Livemode, Role::Id]
        .into_iter()
        .filter_map(|role| model.role(role))
        .map(|column| column.name)
        .collect()
}

/// Adds a column to a table that may have rows, which is why one of the struct may be null: the next sync fills it.
pub(crate) fn add_column(table: &str, database: DatabaseKind, column: &TableColumn) -> String {
    let name = database.sql().quote(column.name);
    let constraint = match column.constrains_added {
        true => &*column.constraint,
        false => "",
    };
    let sql_type = &column.sql_type;
    format!("ALTER TABLE {table} ADD COLUMN {name} {sql_type}{constraint}")
}
