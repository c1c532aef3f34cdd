//! MariaDB, or MySQL, at `STRIPE_SYNC_TEST_MYSQL`.

use stripe_sync::reexport::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use stripe_sync::reexport::sqlx::{
    self, Connection as _, MySqlConnection, MySqlPool, SqlSafeStr as _,
};
use stripe_sync::{IntoStore as _, Store};

use super::{Database, one_by_one, unique_name};
use crate::customers::{Failed, Values, sql, upsert};

/// The server of `scripts/databases`.
const USUAL: &str = "mysql://root@127.0.0.1:3306";

/// A database on the server.
#[derive(Debug)]
pub struct Maria {
    pool: MySqlPool,
    server: MySqlConnectOptions,
    name: String,
}

impl Database for Maria {
    const NAME: &'static str = "MariaDB";
    // LONGTEXT takes no index without a length.
    const FINISH_TABLE: &'static str = "CREATE INDEX customers_email ON customers (email(255))";

    async fn create() -> Result<Self, Failed> {
        let url = std::env::var("STRIPE_SYNC_TEST_MYSQL").unwrap_or_else(|_| USUAL.to_owned());
        let server: MySqlConnectOptions = url.parse()?;
        let name = unique_name();
        let mut connection = MySqlConnection::connect_with(&server).await?;
        sqlx::raw_sql(sql(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        let options = server.clone().database(&name);
        let pool = MySqlPoolOptions::new().connect_with(options).await?;
        Ok(Self { pool, server, name })
    }

    async fn remove(self) -> Result<(), Failed> {
        self.pool.close().await;
        let mut connection = MySqlConnection::connect_with(&self.server).await?;
        sqlx::raw_sql(sql(format!("DROP DATABASE {}", self.name)))
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }

    fn store(&self) -> Store {
        self.pool.clone().into_store()
    }

    async fn run(&self, statements: &str) -> Result<(), Failed> {
        sqlx::raw_sql(sql(statements)).execute(&self.pool).await?;
        Ok(())
    }

    async fn number(&self, question: &str) -> Result<i64, Failed> {
        let question = sqlx::query_scalar(sql(question));
        Ok(question.fetch_one(&self.pool).await?)
    }

    fn plain_columns() -> &'static str {
        "id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, email VARCHAR(255), name LONGTEXT, \
         phone LONGTEXT, description LONGTEXT, country LONGTEXT, city LONGTEXT, line1 LONGTEXT, postal_code LONGTEXT, \
         tenant LONGTEXT, balance BIGINT, currency LONGTEXT, delinquent BOOLEAN, next_invoice_sequence BIGINT, \
         tax_exempt LONGTEXT, created DATETIME(6) NOT NULL, object JSON NOT NULL"
    }

    async fn write_one_by_one(&self, rows: &[Values], in_transaction: usize) -> Result<(), Failed> {
        let conflict = "ON DUPLICATE KEY UPDATE";
        let statement = sql(upsert(|_| "?".to_owned(), conflict, ["VALUES(", ")"])).into_sql_str();
        one_by_one!(self.pool, statement.clone(), rows, in_transaction)
    }
}
