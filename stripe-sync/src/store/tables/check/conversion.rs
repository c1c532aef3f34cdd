//! What a column holds after its type was changed, where a plain cast would change it.

use crate::cell::CellType;
use crate::store::db::{FoundColumn, MICROSECONDS_FROM};

/// A number of microseconds, or of seconds, as the text that sqlx writes of the moment, in SQLite's SQL.
pub(crate) fn moment_of_number(name: &str, zulu: bool) -> String {
    let micros = format!(
        "(CASE WHEN abs({name}) >= {MICROSECONDS_FROM} THEN {name} ELSE {name} * 1000000 END)"
    );
    // Division and remainder are towards zero, and moments before 1970 are negative.
    let seconds = format!("({micros} / 1000000 - ({micros} % 1000000 < 0))");
    let part = format!("(({micros} % 1000000 + 1000000) % 1000000)");
    let (fraction, zone) = match zulu {
        true => (format!("rtrim(printf('.%06d', {part}), '0')"), "Z"),
        false => (
            format!(
                "CASE WHEN {part} % 1000 = 0 THEN printf('.%03d', {part} / 1000) ELSE printf('.%06d', {part}) END"
            ),
            "+00:00",
        ),
    };
    format!(
        "COALESCE(strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch') || \
         CASE WHEN {part} = 0 THEN '' ELSE {fraction} END || '{zone}', {name})"
    )
}

/// How the values of a column become those of another type.
pub(crate) enum Conversion {
    /// The database casts them.
    Cast,
    /// By this expression.
    Value(String),
    /// By nothing: there is no cast, or one that makes other values of them.
    None,
}

/// How a column of PostgreSQL is converted.
pub(crate) fn on_postgres(
    cell: Option<CellType>,
    expected: &str,
    name: &str,
    found: &FoundColumn,
) -> Conversion {
    if let Some(value) = converted(cell, expected, name, found) {
        return Conversion::Value(value);
    }
    let is_text = |base: &str| {
        matches!(
            base,
            "text" | "character varying" | "character" | "name" | "citext"
        )
    };
    let is_number = |base: &str| {
        matches!(
            base,
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision"
        )
    };
    let base = &*found.base;
    match cell {
        // A text is rarely an array's literal.
        Some(CellType::Array(_)) => Conversion::None,
        _ if is_text(base) => Conversion::Cast,
        Some(CellType::Text) => Conversion::Cast,
        Some(CellType::Integer | CellType::Float | CellType::Decimal) if is_number(base) => {
            Conversion::Cast
        }
        Some(CellType::Instant) if base.starts_with("timestamp") || base == "date" => {
            Conversion::Cast
        }
        Some(CellType::Boolean) if base == "integer" || base == "boolean" => Conversion::Cast,
        Some(CellType::Bytes) if base == "bytea" => Conversion::Cast,
        Some(CellType::Json) => Conversion::Value(format!("to_jsonb({name})::{expected}")),
        _ => Conversion::None,
    }
}

/// How a column of MySQL is converted: it takes the digits of a moment for a number, and those of a number for a moment.
pub(crate) fn on_mysql(cell: Option<CellType>, found: &FoundColumn) -> Conversion {
    let is_moment = matches!(
        &*found.base,
        "date" | "datetime" | "timestamp" | "time" | "year"
    );
    let is_text = found.base.ends_with("text") || found.base.ends_with("char");
    match cell {
        Some(CellType::Text) | None => Conversion::Cast,
        _ if is_text => Conversion::Cast,
        Some(CellType::Instant) if !is_moment => Conversion::None,
        Some(CellType::Instant) => Conversion::Cast,
        Some(CellType::Json | CellType::Bytes | CellType::Array(_)) => Conversion::None,
        Some(_) if is_moment => Conversion::None,
        Some(_) => Conversion::Cast,
    }
}

/// The value that a column of PostgreSQL holds after its type was changed, where a plain cast would change it.
fn converted(
    cell: Option<CellType>,
    expected: &str,
    name: &str,
    found: &FoundColumn,
) -> Option<String> {
    let expected = expected.to_lowercase();
    match (cell?, &*found.base) {
        (CellType::Instant, base) => {
            let zoned = expected.starts_with("timestamptz") || expected.contains("with time zone");
            match base {
                "timestamp without time zone" if zoned => {
                    Some(format!("{name} AT TIME ZONE 'UTC'"))
                }
                "date" if zoned => Some(format!("{name}::timestamp AT TIME ZONE 'UTC'")),
                "bigint" | "integer" | "numeric" | "double precision" => {
                    let moment = format!("to_timestamp({name})");
                    Some(match zoned {
                        true => moment,
                        false => format!("({moment} AT TIME ZONE 'UTC')::{expected}"),
                    })
                }
                "timestamp with time zone" => {
                    Some(format!("({name} AT TIME ZONE 'UTC')::{expected}"))
                }
                _ => None,
            }
        }
        (CellType::Integer, "timestamp with time zone") => {
            Some(format!("extract(epoch FROM {name})::bigint"))
        }
        (CellType::Integer, "timestamp without time zone") => Some(format!(
            "extract(epoch FROM {name} AT TIME ZONE 'UTC')::bigint"
        )),
        (cell, _) => {
            let places = scale(Some(cell), found)?;
            Some(format!("({name} * {})::{expected}", 10_i64.pow(places)))
        }
    }
}

/// The places of a column of decimals that is to hold integers: what it holds is in another unit, 10 to their power as
/// large.
pub(crate) fn scale(cell: Option<CellType>, found: &FoundColumn) -> Option<u32> {
    /// Of an `i64` that is a power of ten.
    const MOST: u32 = 18;
    let places = u32::try_from(found.places?).ok()?;
    let is_decimal = matches!(&*found.base, "numeric" | "decimal");
    (cell == Some(CellType::Integer) && is_decimal && (1..=MOST).contains(&places))
        .then_some(places)
}
