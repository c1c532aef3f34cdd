//! The values that are tried, and how they are read without the store.

use std::collections::HashMap;

use chrono::DateTime;
use rust_decimal::Decimal;

use crate::cell::{Cell, CellType};
use crate::store::db::DatabaseKind;
use crate::store::tests::matrix::types::ColumnType;
use crate::store::tests::world::World;

pub(crate) const KINDS: [CellType; 8] = [
    CellType::Text,
    CellType::Integer,
    CellType::Float,
    CellType::Boolean,
    CellType::Instant,
    CellType::Decimal,
    CellType::Json,
    CellType::Bytes,
];

/// The id of the row with a value.
pub(crate) fn id(number: usize) -> String {
    format!("v{number:03}")
}

/// The extreme values of a kind.
pub(crate) fn of(kind: CellType) -> Vec<Cell<'static>> {
    match kind {
        CellType::Text => texts(),
        CellType::Integer => integers(),
        CellType::Float => floats(),
        CellType::Boolean => vec![Cell::Boolean(true), Cell::Boolean(false), Cell::Null],
        CellType::Instant => instants(),
        CellType::Decimal => decimals(),
        CellType::Json => documents(),
        CellType::Bytes => [&b""[..], b"abc ", b"\0\xff\x80\\'"]
            .into_iter()
            .map(|bytes| Cell::Bytes(bytes.into()))
            .collect(),
        CellType::Array(_) => unreachable!("`databases::columns` tries arrays"),
    }
}

fn texts() -> Vec<Cell<'static>> {
    let long = "x".repeat(300);
    let longer = "y".repeat(70_000);
    let spaces = format!("usd{}", " ".repeat(70_000));
    let texts = [
        "",
        "a",
        "A",
        "usd",
        "USD",
        "usd ",
        "usd   ",
        " usd",
        "ÄÖü",
        "漢字😀",
        "e\u{301}",
        "\u{80}\u{9f}~\\",
        "007",
        "1e3",
        "1.50",
        "true",
        "null",
        "2",
        "2024-02-29",
        "2024-02-30",
        "10.0.0.1",
        "101",
        "0188e0d8-6c01-7000-8000-00000000abcd",
        "0188E0D8-6C01-7000-8000-00000000ABCD",
        "{\"b\":1, \"a\":1.0}",
        "a\tb\r\n'\"\\`%_",
        "nul\0nul",
        &long,
        &longer,
        &spaces,
    ];
    let mut cells: Vec<Cell<'static>> = texts
        .iter()
        .map(|text| Cell::text((*text).to_owned()))
        .collect();
    cells.push(Cell::Null);
    cells
}

fn integers() -> Vec<Cell<'static>> {
    let bounds = [
        i64::from(i8::MAX),
        i64::from(u8::MAX),
        i64::from(i16::MAX),
        i64::from(i32::MAX),
        i64::from(u32::MAX),
        // The last that a double holds.
        1 << 53,
    ];
    let around = bounds
        .iter()
        .flat_map(|bound| [*bound, bound + 1, -bound - 1, -bound - 2]);
    [0, 1, -1, 700, 1999, 2024, i64::MAX, i64::MIN]
        .into_iter()
        .chain(around)
        .map(Cell::Integer)
        .chain([Cell::Null])
        .collect()
}

fn floats() -> Vec<Cell<'static>> {
    [
        0.0,
        0.1,
        3.0,
        12.5,
        33.333_333_333_333_336,
        0.812_345_678_901_234_5,
        -1e-300,
        1e300,
        f64::MAX,
        f64::MIN_POSITIVE,
        9_007_199_254_740_993.0,
    ]
    .into_iter()
    .map(Cell::Float)
    .chain([Cell::Null])
    .collect()
}

fn instants() -> Vec<Cell<'static>> {
    [
        (0, 0),
        (1, 0),
        (-1, 0),
        (1_700_000_000, 0),
        (1_700_000_000, 500_000_000),
        (1_700_000_000, 123_000_000),
        (1_700_000_000, 123_456_000),
        // 01:30 in New York, twice, and half past two, which was left out in spring.
        (1_699_162_200, 0),
        (1_699_165_800, 0),
        (1_678_606_200, 0),
        // The last second of 32 bits, and the next.
        (2_147_483_647, 0),
        (2_147_483_648, 0),
        (4_102_444_800, 999_999_000),
        // The years 1, 9999, 10000, -1 and 200000.
        (-62_135_596_800, 0),
        (253_402_300_799, 0),
        (253_402_300_800, 0),
        (-62_198_755_200, 0),
        (6_249_223_180_800, 0),
    ]
    .into_iter()
    .map(|(seconds, nanos)| Cell::Instant(DateTime::from_timestamp(seconds, nanos).unwrap()))
    .chain([Cell::Null])
    .collect()
}

fn decimals() -> Vec<Cell<'static>> {
    [
        "0",
        "1.50",
        "28.94",
        "1999.123456",
        "0.000000000001",
        "0.8123456789012345",
        "33.333333333333336",
        "-12345678901234.123456789012",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "7.9228162514264337593543950335",
    ]
    .into_iter()
    .map(|text| Cell::Decimal(text.parse().unwrap()))
    .chain([Cell::Null])
    .collect()
}

fn documents() -> Vec<Cell<'static>> {
    let long = format!("{{\"a\":\"{}\"}}", "z".repeat(70_000));
    [
        "{}",
        "[]",
        "{\"b\":[1.50,1e2,-0.1],\"a\":{\"c\":null}}",
        "{\"a\":\"nul \\u0000\"}",
        "{\"a\":\"\\ud83d\\ude00 é\"}",
        "\"text\"",
        "5",
        "-1.50",
        "12345678901234567890",
        "0.1234567890123456789",
        "true",
        &long,
    ]
    .into_iter()
    .map(|json| Cell::Json(json.to_owned().into()))
    .chain([Cell::Null])
    .collect()
}

/// What a column holds, by id, read in a way of the test's own that no session's settings change.
pub(crate) async fn read(
    world: &World,
    table: &str,
    kind: CellType,
    column: &ColumnType,
) -> HashMap<String, Option<Cell<'static>>> {
    let value = world.quoted("value");
    let (read, as_kind) = match (world.kind(), kind) {
        (_, CellType::Float | CellType::Bytes) => (value.clone(), kind),
        #[cfg(feature = "postgres")]
        (DatabaseKind::Postgres, CellType::Instant) => (
            format!("(extract(epoch FROM {value}) * 1000000)::bigint"),
            CellType::Integer,
        ),
        #[cfg(feature = "postgres")]
        (DatabaseKind::Postgres, _) => (text_of(&value, column), CellType::Text),
        #[cfg(feature = "mysql")]
        (DatabaseKind::MySql, CellType::Instant) => (
            format!("TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {value})"),
            CellType::Integer,
        ),
        #[cfg(feature = "mysql")]
        (DatabaseKind::MySql, CellType::Boolean) => (format!("{value} + 0"), CellType::Integer),
        #[cfg(feature = "mysql")]
        (DatabaseKind::MySql, CellType::Text | CellType::Json) if column.sql != "DATE" => {
            (value.clone(), CellType::Text)
        }
        #[cfg(feature = "mysql")]
        (DatabaseKind::MySql, _) => (format!("CAST({value} AS CHAR)"), CellType::Text),
        #[cfg(feature = "sqlite")]
        (DatabaseKind::Sqlite, _) => (format!("CAST({value} AS TEXT)"), CellType::Text),
    };
    let sql = format!("SELECT id, {read} FROM {}", world.quoted(table));
    let rows = in_utc(world, &sql, &[CellType::Text, as_kind]).await;
    let rows = rows.into_iter().filter_map(|row| {
        let mut cells = row.into_iter();
        let (id, cell) = (cells.next()?, cells.next()?);
        let Cell::Text(id) = id else { return None };
        let sqlite = world.kind().dialect().locks_by_asking;
        Some((id.into_owned(), as_sent(cell, kind, column, sqlite)))
    });
    rows.collect()
}

/// What was read, as a value of the kind; `None` if it is none.
fn as_sent(
    cell: Cell<'static>,
    kind: CellType,
    column: &ColumnType,
    sqlite: bool,
) -> Option<Cell<'static>> {
    let text = match cell {
        Cell::Null => return Some(Cell::Null),
        Cell::Text(text) => text.into_owned(),
        Cell::Integer(value) => value.to_string(),
        other => return Some(other),
    };
    Some(match kind {
        CellType::Text if column.pads => Cell::text(text.trim_end_matches(' ').to_owned()),
        CellType::Text => Cell::text(text),
        CellType::Json => Cell::Json(text.into()),
        CellType::Integer => Cell::Integer(text.trim_end().parse().ok()?),
        CellType::Decimal => Cell::Decimal(decimal(text.trim_end())?),
        CellType::Boolean => Cell::Boolean(matches!(&*text, "true" | "1")),
        CellType::Instant => Cell::Instant(match text.parse::<i64>() {
            // Whole seconds on SQLite, where the struct says so.
            Ok(seconds) if sqlite => DateTime::from_timestamp(seconds, 0)?,
            Ok(micros) => DateTime::from_timestamp_micros(micros)?,
            Err(_) => DateTime::parse_from_rfc3339(&text).ok()?.to_utc(),
        }),
        CellType::Float | CellType::Bytes | CellType::Array(_) => return None,
    })
}

/// A column of PostgreSQL as a text, whatever the session's dates look like.
fn text_of(value: &str, column: &ColumnType) -> String {
    match column.sql {
        "date" => format!("to_char({value}, 'YYYY-MM-DD')"),
        _ => format!("{value}::text"),
    }
}

async fn in_utc(world: &World, sql: &str, kinds: &[CellType]) -> Vec<Vec<Cell<'static>>> {
    if !world.kind().is_mysql() {
        return world.rows(sql, kinds).await;
    }
    let mut transaction = world.begin().await;
    let mut conn = transaction.conn();
    conn.utc().await.unwrap();
    let rows = conn.cells(sql, &[], kinds).await;
    let rows = conn.leave_utc(rows).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    transaction.rollback().await.unwrap();
    rows
}

fn decimal(text: &str) -> Option<Decimal> {
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    Decimal::from_str_exact(text).ok()
}
