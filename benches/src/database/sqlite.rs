//! SQLite in a file of the temporary directory: WAL, `synchronous = NORMAL`.

use std::path::PathBuf;
use std::time::Duration;

use stripe_sync::reexport::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use stripe_sync::reexport::sqlx::{
    self, Connection as _, SqlSafeStr as _, SqliteConnection, SqlitePool,
};
use stripe_sync::{IntoStore as _, Store};

use super::{Database, one_by_one, unique_name};
use crate::customers::{Failed, Values, sql, upsert};

/// A SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    pool: SqlitePool,
    file: PathBuf,
}

impl Database for Sqlite {
    const NAME: &'static str = "SQLite";

    async fn create() -> Result<Self, Failed> {
        let file = std::env::temp_dir().join(unique_name());
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().connect_with(options).await?;
        Ok(Self { pool, file })
    }

    async fn remove(self) -> Result<(), Failed> {
        self.pool.close().await;
        Ok(std::fs::remove_file(self.file)?)
    }

    fn store(&self) -> Store {
        self.pool.clone().into_store()
    }

    async fn run(&self, statements: &str) -> Result<(), Failed> {
        // A connection that has not seen another one's CREATE takes DROP ... IF EXISTS for done.
        let mut connection = SqliteConnection::connect_with(&self.pool.connect_options()).await?;
        sqlx::raw_sql(sql(statements))
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }

    async fn number(&self, question: &str) -> Result<i64, Failed> {
        let question = sqlx::query_scalar(sql(question));
        Ok(question.fetch_one(&self.pool).await?)
    }

    fn plain_columns() -> &'static str {
        "id TEXT PRIMARY KEY, email TEXT, name TEXT, phone TEXT, description TEXT, country TEXT, city TEXT, line1 TEXT, \
         postal_code TEXT, tenant TEXT, balance INTEGER, currency TEXT, delinquent BOOLEAN, \
         next_invoice_sequence INTEGER, tax_exempt TEXT, created TEXT NOT NULL, object TEXT NOT NULL"
    }

    async fn write_one_by_one(&self, rows: &[Values], in_transaction: usize) -> Result<(), Failed> {
        let conflict = "ON CONFLICT (id) DO UPDATE SET";
        let statement = sql(upsert(|_| "?".to_owned(), conflict, ["excluded.", ""])).into_sql_str();
        one_by_one!(self.pool, statement.clone(), rows, in_transaction)
    }
}
