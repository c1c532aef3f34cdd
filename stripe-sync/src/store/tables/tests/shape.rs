//! What the catalogue of a database says about the bookkeeping tables.

use crate::store::db::DatabaseKind;
use crate::store::tables::tests::database::Database;

/// Columns and indexes of all tables, one line for each.
pub(crate) async fn shape(database: &Database) -> Vec<String> {
    let questions: &[&str] = match database.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => &[
            "SELECT m.name, c.name, c.type, CAST(c.cid AS TEXT), CAST(c.\"notnull\" AS TEXT), c.dflt_value, CAST(c.pk AS TEXT) \
             FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'",
            "SELECT m.name, i.origin, CASE WHEN i.origin = 'c' THEN i.name END, CAST(c.seqno AS TEXT), c.name \
             FROM sqlite_master AS m, pragma_index_list(m.name) AS i, pragma_index_info(i.name) AS c WHERE m.type = 'table'",
        ],
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => &[
            "SELECT table_name::text, column_name::text, data_type::text, ordinal_position::text, is_nullable::text, \
             column_default::text, is_identity::text FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT relname::text, relkind::text, relpersistence::text FROM pg_class \
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')",
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        ],
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => &[
            "SELECT table_name, column_name, column_type, CAST(ordinal_position AS CHAR), is_nullable, column_default, \
             extra, collation_name FROM information_schema.columns WHERE table_schema = DATABASE()",
            "SELECT table_name, index_name, CAST(seq_in_index AS CHAR), column_name, CAST(sub_part AS CHAR) \
             FROM information_schema.statistics WHERE table_schema = DATABASE()",
        ],
    };
    let mut lines = Vec::new();
    for question in questions {
        for row in database.rows(question, &[]).await {
            let row: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
            lines.push(row.join(" "));
        }
    }
    lines.sort();
    lines
}
