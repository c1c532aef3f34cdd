//! Rows that the database refused because of other rows.

use crate::sync::backfill::catch_changes::follow;
use crate::sync::error::SyncError;
use crate::sync::object::write::Writer;

/// Reads again what was refused because of other rows: a value under a unique key may have moved to it from a row of a later
/// page, or it refers to such a row. Each round writes one of them at the least, or is the last.
pub(crate) async fn settle(writer: &mut Writer<'_>) -> Result<(), SyncError> {
    let mut waiting = writer.take_waiting();
    while !waiting.is_empty() {
        let before = waiting.len();
        follow(writer, waiting).await?;
        waiting = writer.take_waiting();
        if waiting.len() >= before {
            break;
        }
    }
    Ok(())
}
