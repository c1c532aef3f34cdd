//! Mirrors the models into SQLite.

use stripe_sync::reexport::sqlx::{self, SqlitePool};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), models::BoxError> {
    let pool = SqlitePool::connect(&std::env::var("DATABASE_URL")?).await?;
    sqlx::raw_sql(models::CREATE_AUDIT).execute(&pool).await?;
    models::mirror(pool).await
}
