//! The rows of a view, read with sqlx as a program reads them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Row as _};
use stripe_sync_models::views::View;

use super::world::Views;
use crate::database::Pool;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holds {
    Text,
    Integer,
    Boolean,
    /// Unix seconds in the row.
    Time,
}

pub(crate) type Columns = &'static [(&'static str, Holds)];
pub(crate) type Row = BTreeMap<&'static str, Value>;
/// Rows by their keys.
pub(crate) type Rows = BTreeMap<String, Row>;

impl Views {
    /// The rows of a view, by the values of the columns that are its key. The columns are all that it has.
    pub(crate) async fn rows(&self, view: &View, columns: Columns, key: &[&str]) -> Rows {
        let name = view.table_name(self.syncer.registry(), self.kind).unwrap();
        let sql = format!("SELECT * FROM {}", name.quoted(self.kind));
        macro_rules! rows {
            ($pool:expr) => {{
                let rows = sqlx::query(AssertSqlSafe(sql))
                    .fetch_all($pool)
                    .await
                    .unwrap();
                let mut out = Vec::new();
                for row in &rows {
                    assert_eq!(row.len(), columns.len(), "columns of {}", view.name());
                    let value = |name: &'static str, holds| match holds {
                        Holds::Text => json!(row.get::<Option<String>, _>(name)),
                        Holds::Integer => json!(row.get::<Option<i64>, _>(name)),
                        Holds::Boolean => json!(row.get::<Option<bool>, _>(name)),
                        Holds::Time => {
                            let time = row.get::<Option<DateTime<Utc>>, _>(name);
                            json!(time.map(|time| time.timestamp()))
                        }
                    };
                    let columns = columns.iter();
                    out.push(
                        columns
                            .map(|(name, holds)| (*name, value(name, *holds)))
                            .collect(),
                    );
                }
                out
            }};
        }
        let rows: Vec<Row> = match &self.database.pool {
            Pool::Sqlite(pool) => rows!(pool),
            Pool::Postgres(pool) => rows!(pool),
            Pool::MySql(pool) => rows!(pool),
        };
        keyed(rows, key)
    }
}

/// Rows by their keys, of which each may stand once.
pub(crate) fn keyed(rows: impl IntoIterator<Item = Row>, key: &[&str]) -> Rows {
    let mut out = Rows::new();
    for row in rows {
        let key: Vec<String> = key.iter().map(|column| row[column].to_string()).collect();
        let before = out.insert(key.join(" "), row);
        assert!(before.is_none(), "two rows of {key:?}");
    }
    out
}

/// Expects equal rows, and says in which they differ.
pub(crate) fn assert_rows(found: &Rows, expected: &Rows, about: &str) {
    let keys: Vec<&String> = found.keys().collect();
    let wanted: Vec<&String> = expected.keys().collect();
    assert_eq!(keys, wanted, "the rows of {about}");
    for (key, row) in expected {
        assert_eq!(&found[key], row, "{about}: {key}");
    }
}
