//! Rows that are likely new, by COPY: half the work that an INSERT of arrays is to the server.

use sqlx::postgres::PgArgumentBuffer;

use super::connection::{check, element};
use super::table;
use crate::cell::{Cell, CellType};
use crate::model::{Column, Model, Role};
use crate::store::batch::Job;
use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::retry::TxError;
use crate::store::target::Target;
use crate::store::upsert::{NewRow, synced_at};
use stripe_sync_schema::sql::{postgres::QUOTE, quote};
use stripe_sync_schema::table::{HASH, OBSERVED_AT};

/// What COPY's binary format begins with: its signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The number of columns of the row that ends it.
const END: i16 = -1;
/// Bytes of one message: the server reads one while the next is made.
const MESSAGE: usize = 256 * 1024;

/// Whether the table takes COPY: it is an ordinary one, and its columns have the types that cells are sent as. COPY casts
/// nothing and knows no rules and no row security.
pub(in crate::store) async fn takes_copy(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
) -> Result<bool, TxError> {
    let sql = "SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT relrowsecurity FROM pg_class \
         WHERE oid = to_regclass(?)";
    let name = Bind::text(&target.place.quoted);
    let plain = conn.row::<(bool,)>(sql, &[name]).await?;
    if plain != Some((true,)) {
        return Ok(false);
    }
    let found = table::columns(conn, &target.place).await?;
    Ok(sent(target.model).all(|column| {
        let base = found.iter().find(|found| found.name == column.name);
        let cell = column.cell.unwrap_or(CellType::Text);
        base.is_some_and(|found| is_sent_as(cell, &found.base))
    }))
}

/// The user's columns that an insert sends, without the bookkeeping's.
fn sent(model: &'static Model) -> impl Iterator<Item = &'static Column> {
    model.written().chain(model.role(Role::SyncedAt))
}

/// Whether the binary form of a cell is that of the type.
fn is_sent_as(cell: CellType, base: &str) -> bool {
    match cell {
        CellType::Text => matches!(base, "text" | "character varying"),
        // The one name that PostgreSQL writes in another way than it is usually written.
        CellType::Instant => base == "timestamp with time zone",
        other => base == table::column_type(other),
    }
}

/// Inserts rows that should not exist; answers how many were inserted.
///
/// # Errors
/// When one exists after all.
pub(super) async fn copy(
    conn: &mut sqlx::PgConnection,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<u64, sqlx::Error> {
    let format = Format::new(job, finish)?;
    // Before the server is asked: once it waits for rows, an error of ours would cost the connection.
    for row in rows {
        for (kind, cell) in format.kinds.iter().zip(row.cells) {
            check(*kind, cell).map_err(sqlx::Error::Encode)?;
        }
    }
    let mut copy = conn.copy_in_raw(&statement(&job.target)).await?;
    let mut buffer = PgArgumentBuffer::default();
    buffer.extend_from_slice(HEADER);
    for row in rows {
        format.row(&mut buffer, row)?;
        if buffer.len() >= MESSAGE {
            copy.send(buffer.as_slice()).await?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&END.to_be_bytes());
    copy.send(buffer.as_slice()).await?;
    copy.finish().await
}

fn statement(target: &Target<'_>) -> String {
    let model = target.model;
    let mut names: Vec<String> = model
        .written()
        .map(|column| quote(column.name, QUOTE))
        .collect();
    if target.guarded() {
        names.extend([quote(HASH, QUOTE), quote(OBSERVED_AT, QUOTE)]);
    }
    names.extend(
        model
            .role(Role::SyncedAt)
            .map(|column| quote(column.name, QUOTE)),
    );
    format!(
        "COPY {} ({}) FROM STDIN (FORMAT binary)",
        target.place.quoted,
        names.join(", ")
    )
}

/// What each row is sent as.
struct Format {
    /// The number of columns.
    columns: i16,
    kinds: Vec<CellType>,
    /// Whether a row has its hash.
    hashed: bool,
    /// What is the same for each row.
    last: Vec<(CellType, Cell<'static>)>,
}

impl Format {
    fn new(job: &Job<'_>, finish: i64) -> Result<Self, sqlx::Error> {
        let kinds: Vec<CellType> = job
            .target
            .model
            .written()
            .map(|column| column.cell.unwrap_or(CellType::Text))
            .collect();
        let hashed = job.target.guarded();
        let mut last = Vec::new();
        if hashed {
            last.push((CellType::Integer, Cell::Integer(finish)));
        }
        if let Some(Bind::Value(kind, cell)) = synced_at(job) {
            last.push((kind, cell));
        }
        let columns = kinds.len() + usize::from(hashed) + last.len();
        Ok(Self {
            columns: i16::try_from(columns).map_err(|error| sqlx::Error::Encode(error.into()))?,
            kinds,
            hashed,
            last,
        })
    }

    fn row(&self, buffer: &mut PgArgumentBuffer, row: &NewRow<'_>) -> Result<(), sqlx::Error> {
        buffer.extend_from_slice(&self.columns.to_be_bytes());
        for (kind, cell) in self.kinds.iter().zip(row.cells) {
            element(buffer, *kind, cell)?;
        }
        if self.hashed {
            element(buffer, CellType::Integer, &Cell::Integer(row.hash))?;
        }
        for (kind, cell) in &self.last {
            element(buffer, *kind, cell)?;
        }
        Ok(())
    }
}
