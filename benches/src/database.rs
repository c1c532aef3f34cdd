//! A database of the benchmark's own on each server, and a program without stripe-sync that writes to it.

mod mariadb;
mod postgres;
mod sqlite;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use stripe_sync::Store;

pub use mariadb::Maria;
pub use postgres::{Postgres, Wal};
pub use sqlite::Sqlite;

use crate::customers::{Failed, Values};

/// What the benchmark of writes asks of a database. The plain table has the columns of the model, the same key and the
/// same secondary index, and no bookkeeping.
#[allow(async_fn_in_trait, reason = "used here only, on one thread")]
pub trait Database: Sized {
    /// The name for the table of figures.
    const NAME: &'static str;

    /// What a syncer's table gets besides its columns and key: the secondary index.
    const FINISH_TABLE: &'static str = "CREATE INDEX customers_email ON customers (email)";

    /// Makes the database.
    ///
    /// # Errors
    /// When the server refuses.
    async fn create() -> Result<Self, Failed>;

    /// Removes it.
    ///
    /// # Errors
    /// When the server refuses.
    async fn remove(self) -> Result<(), Failed>;

    /// The pool as a syncer takes it.
    fn store(&self) -> Store;

    /// Runs statements.
    ///
    /// # Errors
    /// When the database refuses.
    async fn run(&self, statements: &str) -> Result<(), Failed>;

    /// The number that a question returns.
    ///
    /// # Errors
    /// When the database refuses.
    async fn number(&self, question: &str) -> Result<i64, Failed>;

    /// The columns of the plain table with their types.
    fn plain_columns() -> &'static str;

    /// Writes rows one at a time, this many in a transaction; one in a transaction is autocommit.
    ///
    /// # Errors
    /// When the database refuses.
    async fn write_one_by_one(&self, rows: &[Values], in_transaction: usize) -> Result<(), Failed>;

    /// Makes the plain table anew, with its index.
    ///
    /// # Errors
    /// When the database refuses.
    async fn make_plain_table(&self) -> Result<(), Failed> {
        self.run("DROP TABLE IF EXISTS plain").await?;
        self.run(&format!("CREATE TABLE plain ({})", Self::plain_columns()))
            .await?;
        self.run("CREATE INDEX plain_email ON plain (email)").await
    }

    /// The time of [`write_one_by_one`](Self::write_one_by_one) for one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn time_one_by_one(
        &self,
        rows: &[Values],
        in_transaction: usize,
    ) -> Result<Duration, Failed> {
        let start = Instant::now();
        self.write_one_by_one(rows, in_transaction).await?;
        Ok(per_row(start.elapsed(), rows.len()))
    }
}

/// A time divided by the number of rows.
pub fn per_row(time: Duration, rows: usize) -> Duration {
    time.div_f64(rows.max(1) as f64)
}

/// A name that no other run has, and no other database of this one.
fn unique_name() -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    format!("stripe_sync_bench_{}_{made}", std::process::id())
}

/// Writes rows one at a time on a pool of any database.
macro_rules! one_by_one {
    ($pool:expr, $statement:expr, $rows:expr, $in_transaction:expr) => {{
        use stripe_sync::reexport::sqlx::Connection as _;

        let mut connection = $pool.acquire().await?;
        if $in_transaction == 1 {
            for row in $rows {
                $crate::customers::bind!(stripe_sync::reexport::sqlx::query($statement), row)
                    .execute(&mut *connection)
                    .await?;
            }
        } else {
            for chunk in $rows.chunks($in_transaction) {
                let mut transaction = connection.begin().await?;
                for row in chunk {
                    $crate::customers::bind!(stripe_sync::reexport::sqlx::query($statement), row)
                        .execute(&mut *transaction)
                        .await?;
                }
                transaction.commit().await?;
            }
        }
        Ok(())
    }};
}
use one_by_one;
