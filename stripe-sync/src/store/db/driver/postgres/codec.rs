//! Statements on a PostgreSQL connection.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgBindIterExt, PgHasArrayType, PgRow, PgTypeInfo, PgValueFormat,
};
use sqlx::types::Json;
use sqlx::{Arguments, Column as _, PgConnection, Postgres, Row as _, Type};

use crate::cell::{Cell, CellType, Element};
use crate::model::{Column, Model};
use crate::store::db::connection::Codec;
use crate::store::db::driver::postgres::fit::canonical;
use crate::store::db::{Bind, Driver as _, StatementTemplate};

impl Codec for PgConnection {
    fn arguments(&self, binds: &[Bind<'_>]) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        // A batch is a megabyte: growing to it step by step would copy it several times.
        arguments.reserve(binds.len(), binds.iter().map(size).sum());
        for bind in binds {
            match bind {
                Bind::Value(kind, cell) => value(&mut arguments, *kind, cell),
                Bind::Null => arguments.add(UntypedNull),
                Bind::Column(kind, cells) => column(&mut arguments, *kind, cells),
                Bind::Literals(values) => {
                    arguments.add(values.iter().map(Option::as_deref).bind_iter())
                }
                Bind::Integers(values) => arguments.add(values.iter().bind_iter()),
                Bind::Texts(values) => arguments.add(values.iter().bind_iter()),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }

    fn cell(
        &self,
        row: &PgRow,
        index: usize,
        kind: CellType,
    ) -> Result<Cell<'static>, sqlx::Error> {
        let text = || row.try_get::<Option<String>, _>(index);
        let cell = match kind {
            CellType::Text => text()?.map(|value| Cell::Text(Cow::Owned(value))),
            // Read as text: see `read_as`.
            CellType::Json | CellType::Array(_) => {
                text()?.map(|value| Cell::Json(Cow::Owned(value)))
            }
            CellType::Integer => row.try_get::<Option<i64>, _>(index)?.map(Cell::Integer),
            CellType::Float => row.try_get::<Option<f64>, _>(index)?.map(Cell::Float),
            CellType::Boolean => row.try_get::<Option<bool>, _>(index)?.map(Cell::Boolean),
            CellType::Instant => {
                check_moment(row, index)?;
                row.try_get::<Option<DateTime<Utc>>, _>(index)?
                    .map(Cell::Instant)
            }
            CellType::Decimal => row.try_get::<Option<Decimal>, _>(index)?.map(Cell::Decimal),
            CellType::Bytes => row
                .try_get::<Option<Vec<u8>>, _>(index)?
                .map(|value| Cell::Bytes(Cow::Owned(value))),
        };
        Ok(cell.unwrap_or(Cell::Null))
    }
}

/// Checks that a moment is one: the driver would panic at `infinity`, and at years that only PostgreSQL has.
fn check_moment(row: &PgRow, index: usize) -> Result<(), sqlx::Error> {
    /// The beginning of the year 2000, from which PostgreSQL counts microseconds, in unix seconds.
    const EPOCH: i64 = 946_684_800;
    let value = row.try_get_raw(index)?;
    let Ok(micros) = <[u8; 8]>::try_from(value.as_bytes().unwrap_or_default()) else {
        return Ok(());
    };
    let is_binary = value.format() == PgValueFormat::Binary;
    let since_1970 = i64::from_be_bytes(micros).checked_add(EPOCH * 1_000_000);
    match since_1970.and_then(DateTime::from_timestamp_micros) {
        None if is_binary => Err(sqlx::Error::ColumnDecode {
            index: row.column(index).name().to_owned(),
            source: "expected a moment, found infinity or one that is too far away".into(),
        }),
        _ => Ok(()),
    }
}

/// About how many bytes a parameter takes.
fn size(bind: &Bind<'_>) -> usize {
    /// The header of an array; of each element, its length and the longest value of a fixed size.
    const ARRAY: usize = 24;
    const ELEMENT: usize = 24;
    let cell = |cell: &Cell<'_>| {
        ELEMENT
            + match cell {
                Cell::Text(text) | Cell::Json(text) => text.len(),
                Cell::Bytes(bytes) => bytes.len(),
                _ => 0,
            }
    };
    ARRAY
        + match bind {
            Bind::Value(_, value) => cell(value),
            Bind::Null => ELEMENT,
            Bind::Column(_, cells) => cells.iter().map(|value| cell(value)).sum(),
            Bind::Literals(values) => values.len() * 2 * ELEMENT,
            Bind::Integers(values) => values.len() * ELEMENT,
            Bind::Texts(values) => values.iter().map(|text| ELEMENT + text.len()).sum(),
        }
}

/// JSON that is text already: a second pass over it would cost as much as the mapping.
struct JsonText<'a>(&'a str);

impl Type<Postgres> for JsonText<'_> {
    fn type_info() -> PgTypeInfo {
        <Json<()> as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for JsonText<'_> {
    fn array_type_info() -> PgTypeInfo {
        <Json<()> as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for JsonText<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        /// The only version of jsonb's binary form.
        const JSONB_VERSION: u8 = 1;
        buffer.push(JSONB_VERSION);
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// A null whose type the server finds in the statement.
struct UntypedNull;

impl Type<Postgres> for UntypedNull {
    fn type_info() -> PgTypeInfo {
        /// The protocol's number for a type that is not said.
        const UNSPECIFIED: Oid = Oid(0);
        PgTypeInfo::with_oid(UNSPECIFIED)
    }
}

impl Encode<'_, Postgres> for UntypedNull {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

/// Binds one value, or an array of values, whose cells are of one kind.
macro_rules! by_kind {
    ($kind:expr, $cells:expr, |$options:ident| $bind:expr) => {
        match $kind {
            // JSON too, for a column that keeps its text.
            CellType::Text => by_kind!(@ $cells, $options, $bind, Cell::Text(v) | Cell::Json(v) => v.as_ref()),
            CellType::Json => by_kind!(@ $cells, $options, $bind, Cell::Json(v) => JsonText(v)),
            // Its literal; in its own form it is only copied.
            CellType::Array(_) => by_kind!(@ $cells, $options, $bind, Cell::Text(v) | Cell::Json(v) => v.as_ref()),
            CellType::Integer => by_kind!(@ $cells, $options, $bind, Cell::Integer(v) => *v),
            CellType::Float => by_kind!(@ $cells, $options, $bind, Cell::Float(v) => *v),
            CellType::Boolean => by_kind!(@ $cells, $options, $bind, Cell::Boolean(v) => *v),
            CellType::Instant => by_kind!(@ $cells, $options, $bind, Cell::Instant(v) => *v),
            CellType::Decimal => by_kind!(@ $cells, $options, $bind, Cell::Decimal(v) => *v),
            CellType::Bytes => by_kind!(@ $cells, $options, $bind, Cell::Bytes(v) => v.as_ref()),
        }
    };
    (@ $cells:expr, $options:ident, $bind:expr, $pattern:pat => $value:expr) => {{
        let $options = $cells.map(|cell| match cell {
            $pattern => Some($value),
            _ => None,
        });
        $bind
    }};
}

/// Appends a value, which was checked to be of this type, with its length before it; or the length of a null.
///
/// # Errors
/// When the value is too long for the protocol.
pub(crate) fn element(
    buffer: &mut PgArgumentBuffer,
    kind: CellType,
    cell: &Cell<'_>,
) -> Result<(), sqlx::Error> {
    /// The length of a null.
    const NULL: i32 = -1;
    /// The bytes of a length.
    const LENGTH: usize = size_of::<i32>();
    if let Cell::Null = cell {
        buffer.extend_from_slice(&NULL.to_be_bytes());
        return Ok(());
    }
    let place = buffer.len();
    buffer.extend_from_slice(&[0; LENGTH]);
    let encoded = match (kind, cell) {
        (CellType::Array(element), Cell::Json(json)) => array(buffer, element, json),
        _ => by_kind!(kind, Some(cell), |option| encode(buffer, option.flatten())),
    };
    encoded.map_err(sqlx::Error::Encode)?;
    let length = i32::try_from(buffer.len() - place - LENGTH)
        .map_err(|error| sqlx::Error::Encode(error.into()))?;
    buffer[place..place + LENGTH].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

fn encode<'q>(
    buffer: &mut PgArgumentBuffer,
    value: Option<impl Encode<'q, Postgres>>,
) -> Result<(), BoxDynError> {
    match value {
        Some(value) => value.encode_by_ref(buffer).map(drop),
        None => Ok(()),
    }
}

/// An array, which a cell holds as JSON, in PostgreSQL's binary form.
fn array(buffer: &mut PgArgumentBuffer, element: Element, json: &str) -> Result<(), BoxDynError> {
    fn values<'q, T: DeserializeOwned + 'q>(
        buffer: &mut PgArgumentBuffer,
        json: &str,
    ) -> Result<(), BoxDynError>
    where
        Vec<T>: Encode<'q, Postgres>,
    {
        encode(buffer, Some(serde_json::from_str::<Vec<T>>(json)?))
    }
    match element {
        Element::Text => values::<String>(buffer, json),
        Element::Integer => values::<i64>(buffer, json),
        Element::Float => values::<f64>(buffer, json),
        Element::Boolean => values::<bool>(buffer, json),
    }
}

/// An array, which a cell holds as JSON, as PostgreSQL's literal: a column of arrays is sent as one array of these, because the
/// elements of an array of arrays have one length.
pub(crate) fn array_literal(element: Element, json: &str) -> String {
    if element != Element::Text {
        return json.replace('[', "{").replace(']', "}");
    }
    let texts: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    let quoted = texts.iter().map(|text| {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{text}\"")
    });
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

/// Casts the literals of arrays in an INSERT to the columns' types; to the struct's own types they are cast already.
pub(crate) fn cast_arrays(model: &Model, statement: &mut StatementTemplate) {
    for (number, column) in (1..).zip(model.written()) {
        let (Some(cell @ CellType::Array(_)), None) = (column.cell, column.sql_type) else {
            continue;
        };
        let value = format!("UNNEST(${number})");
        let cast = format!("{value}::{}", super::Postgres.column_type(cell));
        // Every other part is inside the quotes of a name, whatever that is.
        let parts = statement.head.split('"').enumerate();
        let parts = parts.map(|(place, part)| match place % 2 {
            0 => Cow::Owned(part.replacen(&value, &cast, 1)),
            _ => Cow::Borrowed(part),
        });
        statement.head = parts.collect::<Vec<_>>().join("\"").into();
    }
}

/// # Errors
/// When the value is of another type.
pub(crate) fn refuse_mismatch(kind: CellType, cell: &Cell<'_>) -> Result<(), BoxDynError> {
    match cell.cell_type() {
        Some(CellType::Json) if matches!(kind, CellType::Text | CellType::Array(_)) => Ok(()),
        Some(found) if found != kind => {
            Err(format!("expected {kind}, got {}", cell.describe()).into())
        }
        _ => Ok(()),
    }
}

fn value(arguments: &mut PgArguments, kind: CellType, cell: &Cell<'_>) -> Result<(), BoxDynError> {
    refuse_mismatch(kind, cell)?;
    by_kind!(kind, Some(cell), |option| arguments.add(option.flatten()))
}

fn column(
    arguments: &mut PgArguments,
    kind: CellType,
    cells: &[&Cell<'_>],
) -> Result<(), BoxDynError> {
    for cell in cells {
        refuse_mismatch(kind, cell)?;
    }
    by_kind!(kind, cells.iter().copied(), |options| arguments
        .add(options.bind_iter()))
}

/// What the user's own type asks of the form in which a value is sent.
pub(crate) enum Own {
    /// Nothing.
    AsIs,
    /// A moment's UTC reading, as a text: PostgreSQL would take that of the session's time zone.
    Timestamp,
    /// The UTC day.
    Date,
    /// A text of a day, as it is sent; PostgreSQL would write it as the session wants it.
    Day,
    /// JSON as a text, because `jsonb`, as which it is sent otherwise, refuses some that these types keep.
    KeepsJson,
}

pub(crate) fn own(column: Option<&Column>) -> Own {
    let Some((cell, sql_type)) = column.and_then(|column| Some((column.cell?, column.sql_type?)))
    else {
        return Own::AsIs;
    };
    match (cell, &*canonical(sql_type)) {
        (CellType::Instant, "timestamp without time zone") => Own::Timestamp,
        (CellType::Instant, "date") => Own::Date,
        (CellType::Text, "date") => Own::Day,
        (CellType::Json, "json" | "text" | "character varying" | "character") => Own::KeepsJson,
        _ => Own::AsIs,
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, array_literal};

    #[test]
    fn an_array_is_written_as_a_literal() {
        let texts = r#"["a","b c","\"q\"","back\\slash","{}","NULL",""]"#;
        let literal = r#"{"a","b c","\"q\"","back\\slash","{}","NULL",""}"#;
        assert_eq!(array_literal(Element::Text, texts), literal);
        assert_eq!(array_literal(Element::Integer, "[1,-2]"), "{1,-2}");
        assert_eq!(array_literal(Element::Boolean, "[]"), "{}");
    }
}
