//! The statements that create a model's table, and its key.

use crate::model::Model;
use crate::model::registry::{Registry, TableName};
use crate::store::db::column::wanted;
use crate::store::db::{DatabaseKind, StoreError, TableColumn};
use crate::store::tables::{comments, indexes};

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
    let sql = database.sql();
    let quoted = |name: &str| sql.quote(name);
    let columns = wanted::columns(model, driver);
    let inside = dialect.declares_inside;
    let line = |column: &TableColumn| {
        let comment = comments::of_column(model, column.name, dialect).filter(|_| inside);
        let comment =
            comment.map(|comment| format!(" COMMENT {}", comments::quoted(&comment, dialect)));
        format!(
            "  {} {}{}{},\n",
            quoted(column.name),
            column.sql_type,
            column.constraint,
            comment.unwrap_or_default()
        )
    };
    let mut body: String = columns.iter().map(line).collect();
    let key: Vec<String> = key(model).into_iter().map(quoted).collect();
    body += &format!("  PRIMARY KEY ({})", key.join(", "));
    let length = |index: &indexes::TableIndex, name: &str| {
        let column = columns.iter().find(|column| column.name == name)?;
        indexes::length(dialect, &column.sql_type, index)
    };
    let indexes = indexes::of(model, table);
    let mut statements = Vec::new();
    for index in &indexes {
        let length = |name: &str| length(index, name);
        if inside {
            let unique = if index.unique { "UNIQUE " } else { "" };
            let (name, columns) = (quoted(&index.name), index.columns(database, length));
            body += &format!(",\n  {unique}KEY {name} ({columns})");
        } else {
            statements.push(index.create(database, table, length));
        }
    }
    let comment = comments::of_table(model, dialect).filter(|_| inside);
    let comment =
        comment.map(|comment| format!(" COMMENT {}", comments::quoted(&comment, dialect)));
    let name = sql.quote_table(table.schema(), table.name());
    let options = format!("{}{}", dialect.table_options, comment.unwrap_or_default());
    statements.insert(
        0,
        format!("CREATE TABLE IF NOT EXISTS {name} (\n{body}\n){options}"),
    );
    if !inside {
        statements.extend(comments::statements(model, &name, database));
    }
    statements
}

/// The columns of the model's key.
pub(crate) fn key(model: &Model) -> Vec<&'static str> {
    model.key().map(|column| column.name).collect()
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
