//! A row of the application's own for each event, in the transaction that writes what the event told of.

use stripe_sync::live::HandlerError;
use stripe_sync::reexport::sqlx::{self, SqliteConnection, SqlitePool};
use stripe_sync::webhook::Event;

pub async fn create_table(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS audit (event TEXT PRIMARY KEY, kind TEXT NOT NULL, object TEXT, created INTEGER NOT NULL)",
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The customer's row and this one are committed together, or neither is.
pub async fn write(event: &Event, connection: &mut SqliteConnection) -> Result<(), HandlerError> {
    // Only an event that is replayed comes a second time.
    sqlx::query("INSERT INTO audit (event, kind, object, created) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(event.id())
        .bind(event.kind())
        .bind(event.object_id())
        .bind(event.created().timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
