//! The start of a transaction.

use sqlx::{MySql, MySqlPool, Transaction};

/// Starts a transaction, and is not cancelled halfway.
///
/// sqlx counts the transactions of a MySQL connection only after the server has answered. A future that is dropped between
/// the two gives the pool a connection whose transaction nobody ends, and with it every lock that later statements
/// take there. A task of its own runs to the end, and its transaction is then rolled back as it should be.
///
/// # Errors
/// When the pool or the server fails.
pub(in crate::store) async fn begin(
    pool: &MySqlPool,
    statement: &'static str,
) -> Result<Transaction<'static, MySql>, sqlx::Error> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin_with(statement).await })
        .await
        .map_err(|_| sqlx::Error::WorkerCrashed)?
}
