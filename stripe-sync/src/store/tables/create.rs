//! The statements that create a model's table, and its key.

use crate::model::Model;
use crate::model::registry::Registry;
use crate::model::table_name::TableName;
use crate::store::db::column::wanted;
use crate::store::db::{DatabaseKind, StoreError, TableColumn};
use crate::store::tables::{comments, indexes};

impl Registry {
    /// Returns the statements that create all tables on a database, for a migration.
    /// [`bookkeeping_statements`](crate::store::tables::bookkeeping_statements) gives those of the bookkeeping tables.
    #[must_use]
    pub fn create_tables(&self, database: DatabaseKind) -> Vec<String> {
        let mut statements: Vec<String> = Vec::new();
        for (model, table) in self.models().zip(self.tables()) {
            let table = table.on(database);
            // Most models are in one namespace.
            let schema = create_schema(model, &table, database);
            statements.extend(schema.filter(|create| !statements.contains(create)));
            statements.extend(create_in_schema(model, &table, database));
        }
        statements
    }
}

/// The statement that creates the schema of a table that is in a namespace, where that is a schema.
pub(crate) fn create_schema(
    model: &Model,
    table: &TableName,
    database: DatabaseKind,
) -> Option<String> {
    let refusal = refusal(model, table, database);
    let namespace = table.namespace().filter(|_| refusal.is_none())?;
    database.dialect().has_namespaces().then(|| {
        let schema = database.sql().quote(namespace);
        format!("CREATE SCHEMA IF NOT EXISTS {schema}")
    })
}

/// The statements that create a model's table with its bookkeeping columns and its key, and before it the schema of its namespace.
/// Of a model that was derived for other databases, which every call refuses there, the words of the refusal as a comment.
pub(crate) fn create_table(
    model: &Model,
    table: &TableName,
    database: DatabaseKind,
) -> Vec<String> {
    let table = &table.clone().on(database);
    let schema = create_schema(model, table, database);
    let table = create_in_schema(model, table, database);
    schema.into_iter().chain(table).collect()
}

/// Why a database cannot have a model's table under a name, if it cannot.
fn refusal(model: &Model, table: &TableName, database: DatabaseKind) -> Option<StoreError> {
    if (database.dialect().statements)(&model.parts.sql).is_none() {
        return Some(StoreError::not_derived(model, database));
    }
    let cut = !database.keeps(table);
    cut.then(|| StoreError::long_name(model, &table.to_string(), database))
}

/// The same in a schema that is there. The table's name is that on the database.
pub(crate) fn create_in_schema(
    model: &Model,
    table: &TableName,
    database: DatabaseKind,
) -> Vec<String> {
    let (driver, dialect) = (database.driver(), database.dialect());
    if let Some(refusal) = refusal(model, table, database) {
        return vec![format!("-- {refusal}")];
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
