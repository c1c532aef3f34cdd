//! Bookkeeping that is lost: a dump of the mirrored tables alone, or somebody who took `stripe_sync_*` for leftovers.

use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};

use super::database::{Database, Pool};

impl Database {
    /// Drops all that stripe-sync made besides the mirrored tables. Nobody may be at work.
    pub(crate) async fn lose_bookkeeping(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => {
                let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'stripe_sync_%'";
                let names: Vec<String> = sqlx::query_scalar(names).fetch_all(pool).await.unwrap();
                for name in names {
                    let drop = AssertSqlSafe(format!("DROP TABLE {name}"));
                    sqlx::raw_sql(drop).execute(pool).await.unwrap();
                }
            }
            Pool::Postgres(pool) => {
                let tables = "SELECT format('DROP TABLE %s CASCADE', oid::regclass) FROM pg_class \
                              WHERE relkind = 'r' AND relname LIKE 'stripe_sync_%'";
                let functions = "SELECT format('DROP FUNCTION %s', oid::regprocedure) FROM pg_proc \
                                 WHERE proname LIKE 'stripe_sync_%'";
                let sequences = "SELECT format('DROP SEQUENCE %s', oid::regclass) FROM pg_class \
                                 WHERE relkind = 'S' AND relname = 'stripe_sync_clock'";
                for drops in [tables, functions, sequences] {
                    let drops: Vec<String> =
                        sqlx::query_scalar(drops).fetch_all(pool).await.unwrap();
                    for drop in drops {
                        sqlx::raw_sql(AssertSqlSafe(drop))
                            .execute(pool)
                            .await
                            .unwrap();
                    }
                }
            }
            Pool::MySql(pool) => {
                let names = "SELECT CAST(table_name AS CHAR) FROM information_schema.tables \
                             WHERE table_schema = DATABASE() AND table_name LIKE 'stripe_sync_%'";
                let names: Vec<String> = sqlx::query_scalar(names).fetch_all(pool).await.unwrap();
                for name in names {
                    let drop = AssertSqlSafe(format!("DROP TABLE {name}"));
                    sqlx::raw_sql(drop).execute(pool).await.unwrap();
                }
            }
        }
    }

    /// Whether a table is known to be bound; not where the bookkeeping was lost.
    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) async fn is_bound(&self, table: &str) -> bool {
        let sql = AssertSqlSafe(format!(
            "SELECT COUNT(*) FROM stripe_sync_tables WHERE bound AND table_name = '{table}'"
        ));
        let bound: Result<i64, _> = match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        bound.is_ok_and(|bound| bound > 0)
    }

    /// Runs a statement of the test's own.
    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) async fn run(&self, sql: &str) {
        // A connection of SQLite that has not seen another one's new column says that a `DROP COLUMN` names none: what it remembers
        // of the schema is looked at again only when a statement reads.
        let read_schema = "SELECT 1 FROM sqlite_schema LIMIT 1;";
        let of_sqlite = matches!(self.pool, Pool::Sqlite(_)).then_some(read_schema);
        let sql = format!("{}{sql}", of_sqlite.unwrap_or_default());
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match &self.pool {
            Pool::Sqlite(pool) => sql.execute(pool).await.map(drop),
            Pool::Postgres(pool) => sql.execute(pool).await.map(drop),
            Pool::MySql(pool) => sql.execute(pool).await.map(drop),
        }
        .unwrap();
    }

    /// One number.
    #[allow(dead_code, reason = "not every test of this folder asks")]
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .unwrap()
    }
}
