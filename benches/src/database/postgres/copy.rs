//! Rows in the binary format of PostgreSQL's COPY.

use chrono::DateTime;

use crate::customers::{COLUMNS, Failed, Values};

/// What every file begins with: the signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The number of columns of the row that ends a file.
const END: i16 = -1;
/// The length of a null.
const NULL: i32 = -1;
/// The version of the binary form of `jsonb`.
const JSONB: u8 = 1;
/// Seconds from 1970 to 2000, where PostgreSQL's time begins.
const EPOCH: i64 = 946_684_800;

/// The rows in the order of the columns.
pub(super) fn encode(rows: &[Values]) -> Result<Vec<u8>, Failed> {
    let mut file = HEADER.to_vec();
    let epoch = DateTime::from_timestamp(EPOCH, 0).ok_or("the year 2000 is no time")?;
    for row in rows {
        file.extend(i16::try_from(COLUMNS.len())?.to_be_bytes());
        let mut texts = row
            .texts
            .iter()
            .map(|text| text.as_deref().map(str::as_bytes));
        let mut integers = row.integers.iter();
        for column in COLUMNS {
            match column {
                "balance" | "next_invoice_sequence" => {
                    let value = integers.next().copied().flatten().map(i64::to_be_bytes);
                    field(&mut file, value.as_ref().map(<[u8; 8]>::as_slice))?;
                }
                "delinquent" => {
                    let value = row.delinquent.map(|value| [u8::from(value)]);
                    field(&mut file, value.as_ref().map(<[u8; 1]>::as_slice))?;
                }
                "created" => {
                    let micros = (row.created - epoch).num_microseconds().unwrap_or_default();
                    field(&mut file, Some(&micros.to_be_bytes()))?;
                }
                "object" => {
                    let json = row.object.get().as_bytes();
                    file.extend(i32::try_from(json.len() + 1)?.to_be_bytes());
                    file.push(JSONB);
                    file.extend(json);
                }
                _ => field(&mut file, texts.next().flatten())?,
            }
        }
    }
    file.extend(END.to_be_bytes());
    Ok(file)
}

fn field(file: &mut Vec<u8>, value: Option<&[u8]>) -> Result<(), Failed> {
    match value {
        None => file.extend(NULL.to_be_bytes()),
        Some(value) => {
            file.extend(i32::try_from(value.len())?.to_be_bytes());
            file.extend(value);
        }
    }
    Ok(())
}
