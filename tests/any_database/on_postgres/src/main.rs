//! Mirrors the models into PostgreSQL.

use stripe_sync::reexport::sqlx::{self, PgPool};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), models::BoxError> {
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    sqlx::raw_sql(models::CREATE_AUDIT).execute(&pool).await?;
    models::mirror(pool).await
}
