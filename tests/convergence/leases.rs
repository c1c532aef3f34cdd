//! The time that a killed process's leases have left, as if it had passed.

use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};

use super::database::{Database, Pool};

/// Lets every lease of the bookkeeping end, so that the next process need not wait for it. A thousand waits of many
/// seconds would be a test that nobody runs; the wait itself has a test of its own. Answers whether there is any
/// bookkeeping: a process that was killed early has made none.
pub(crate) async fn let_leases_end(database: &Database) -> bool {
    let tables: Vec<String> = match &database.pool {
        Pool::Sqlite(pool) => {
            sqlx::query_scalar(
                "SELECT name FROM sqlite_master WHERE name LIKE 'stripe\\_sync\\_%' ESCAPE '\\' \
                 AND EXISTS (SELECT 1 FROM pragma_table_info(sqlite_master.name) WHERE name = 'expires_at')",
            )
            .fetch_all(pool)
            .await
        }
        Pool::Postgres(pool) => {
            sqlx::query_scalar(
                "SELECT table_name::text FROM information_schema.columns \
                 WHERE table_name LIKE 'stripe\\_sync\\_%' AND column_name = 'expires_at'",
            )
            .fetch_all(pool)
            .await
        }
        Pool::MySql(_) => panic!("no history runs on MySQL"),
    }
    .unwrap();
    let any = !tables.is_empty();
    for table in tables {
        let end = AssertSqlSafe(format!("UPDATE {table} SET expires_at = 0"));
        match &database.pool {
            Pool::Sqlite(pool) => drop(sqlx::query(end).execute(pool).await.unwrap()),
            Pool::Postgres(pool) => drop(sqlx::query(end).execute(pool).await.unwrap()),
            Pool::MySql(_) => {}
        }
    }
    any
}
