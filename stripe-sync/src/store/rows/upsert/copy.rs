//! Rows that are likely new, by COPY: half the work that an INSERT of arrays is to the server.

use chrono::Utc;
use sqlx::postgres::PgArgumentBuffer;

use crate::cell::{Cell, CellType};
use crate::model::Role;
use crate::store::db::column::cell_type;
use crate::store::db::driver::postgres::codec::{element, refuse_mismatch};
use crate::store::db::{Bind, TableContext};
use crate::store::rows::{Job, RowPlan, time};
use stripe_sync_schema::table::{HASH, OBSERVED_AT};

/// What COPY's binary format begins with: its signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The number of columns of the row that ends it.
const END: i16 = -1;
/// Bytes of one message: the server reads one while the next is made.
const MESSAGE: usize = 256 * 1024;

/// Inserts rows that should not exist; returns how many were inserted.
///
/// # Errors
/// When one exists after all.
pub(crate) async fn copy(
    conn: &mut sqlx::PgConnection,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<u64, sqlx::Error> {
    let target = &job.target;
    let driver = target.kind.driver();
    let columns = target.model.written();
    let kinds = columns.map(|column| driver.sent_as(Some(column), cell_type(column)));
    let kinds: Vec<CellType> = kinds.collect();
    // What is the same for each row.
    let mut last = Vec::new();
    if target.versioned() {
        last.push(Bind::integer(finish));
    }
    last.extend(time::synced_at(target, Utc::now()));
    let columns = kinds.len() + usize::from(target.versioned()) + last.len();
    let columns = i16::try_from(columns).map_err(|error| sqlx::Error::Encode(error.into()))?;
    // Before the server is asked: once it waits for rows, an error of ours would cost the connection.
    for plan in plans {
        for (kind, cell) in kinds.iter().zip(plan.cells.iter()) {
            refuse_mismatch(*kind, cell).map_err(sqlx::Error::Encode)?;
        }
    }
    let mut copy = conn.copy_in_raw(&statement(target)).await?;
    let mut buffer = PgArgumentBuffer::default();
    buffer.extend_from_slice(HEADER);
    for plan in plans {
        buffer.extend_from_slice(&columns.to_be_bytes());
        for (kind, cell) in kinds.iter().zip(plan.cells.iter()) {
            element(&mut buffer, *kind, cell)?;
        }
        if target.versioned() {
            element(&mut buffer, CellType::Integer, &Cell::Integer(plan.hash))?;
        }
        for bind in &last {
            if let Bind::Value(kind, cell) = bind {
                element(&mut buffer, *kind, cell)?;
            }
        }
        if buffer.len() >= MESSAGE {
            copy.send(buffer.as_slice()).await?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&END.to_be_bytes());
    copy.send(buffer.as_slice()).await?;
    copy.finish().await
}

fn statement(target: &TableContext<'_>) -> String {
    let bookkeeping = [HASH, OBSERVED_AT].into_iter();
    let synced_at = target.model.role(Role::SyncedAt);
    let names = target.model.written().map(|column| column.name);
    let names = names.chain(bookkeeping.filter(|_| target.versioned()));
    let names = names.chain(synced_at.map(|column| column.name));
    let names: Vec<String> = names.map(|name| target.quote(name)).collect();
    format!(
        "COPY {} ({}) FROM STDIN (FORMAT binary)",
        target.place.quoted,
        names.join(", ")
    )
}
