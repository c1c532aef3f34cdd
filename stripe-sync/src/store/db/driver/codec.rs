//! Cells as the drivers of databases without arrays send and read them.

use rust_decimal::Decimal;

/// Implements `Codec` for a driver's connection: how it sends a moment and a decimal is said here, and its module has
/// `integer`, `instant` and `float`, which read a value whose type has a certain name, `None` if it is none.
macro_rules! codec {
    ($database:literal, $connection:ty, $arguments:ty, $row:ty, $instant:path, $decimal:path) => {
        impl $crate::store::db::connection::Codec for $connection {
            fn arguments(&self, binds: &[Bind<'_>]) -> Result<$arguments, sqlx::Error> {
                let mut arguments = <$arguments>::default();
                arguments.reserve(binds.len(), 0);
                for bind in binds {
                    match bind {
                        Bind::Value(_, cell) => match cell {
                            Cell::Null => arguments.add(None::<i64>),
                            Cell::Text(text) | Cell::Json(text) => arguments.add(text.as_ref()),
                            Cell::Integer(value) => arguments.add(*value),
                            Cell::Float(value) => arguments.add(*value),
                            Cell::Boolean(value) => arguments.add(*value),
                            Cell::Instant(value) => arguments.add($instant(value)),
                            Cell::Decimal(value) => arguments.add($decimal(value)),
                            Cell::Bytes(value) => arguments.add(value.as_ref()),
                        },
                        Bind::Null => arguments.add(None::<i64>),
                        Bind::Column(..)
                        | Bind::Literals(_)
                        | Bind::Integers(_)
                        | Bind::Texts(_) => Err(concat!($database, " has no arrays").into()),
                    }
                    .map_err(sqlx::Error::Encode)?;
                }
                Ok(arguments)
            }

            /// A type's name is often not that of the column (SQLite stores a value of any type, MariaDB's JSON is a text),
            /// so the driver's check of types is passed by.
            fn cell(
                &self,
                row: &$row,
                index: usize,
                kind: CellType,
            ) -> Result<Cell<'static>, sqlx::Error> {
                let value = row.try_get_raw(index)?;
                if value.is_null() {
                    return Ok(Cell::Null);
                }
                let class = value.type_info().name().to_owned();
                let text = || row.try_get_unchecked::<String, _>(index);
                let number = || integer(row, index, &class);
                let unexpected = || sqlx::Error::ColumnDecode {
                    index: row.column(index).name().to_owned(),
                    source: format!("expected {kind}, found {class}").into(),
                };
                Ok(match kind {
                    CellType::Text if class == "DATE" => {
                        let day = row.try_get_unchecked::<chrono::NaiveDate, _>(index)?;
                        Cell::Text(Cow::Owned(day.to_string()))
                    }
                    // A session may ask for the spaces that fill such a column up.
                    CellType::Text if matches!(&*class, "CHAR" | "BINARY") => {
                        Cell::Text(Cow::Owned(text()?.trim_end_matches(' ').to_owned()))
                    }
                    CellType::Text => Cell::Text(Cow::Owned(text()?)),
                    CellType::Json | CellType::Array(_) => Cell::Json(Cow::Owned(text()?)),
                    // MySQL sends a decimal as text; a column of texts holds an integer's digits.
                    CellType::Integer if is_text(&class) => {
                        Cell::Integer(text()?.trim_end().parse().map_err(|_| unexpected())?)
                    }
                    // The driver would read a text as a number: 0, or its bytes.
                    CellType::Integer | CellType::Boolean if !is_integer(&class) => {
                        return Err(unexpected());
                    }
                    CellType::Integer => Cell::Integer(number()?),
                    CellType::Boolean => Cell::Boolean(number()? != 0),
                    CellType::Float => {
                        Cell::Float(float(row, index, &class)?.ok_or_else(unexpected)?)
                    }
                    CellType::Decimal => {
                        Cell::Decimal(decimal(text()?.trim_end()).ok_or_else(unexpected)?)
                    }
                    CellType::Instant => {
                        Cell::Instant(instant(row, index, &class)?.ok_or_else(unexpected)?)
                    }
                    CellType::Bytes => Cell::Bytes(Cow::Owned(row.try_get_unchecked(index)?)),
                })
            }
        }
    };
}
pub(crate) use codec;

/// Whether a driver's name of a type is that of a whole number.
pub(crate) fn is_integer(class: &str) -> bool {
    ["INT", "BOOLEAN", "BIT", "YEAR"]
        .iter()
        .any(|name| class.contains(name))
}

/// Whether a driver's name of a type is that of digits in a text.
pub(crate) fn is_text(class: &str) -> bool {
    // A text with a binary collation has the name of a type of bytes.
    ["DECIMAL", "TEXT", "CHAR", "BINARY", "BLOB"]
        .iter()
        .any(|name| class.contains(name))
}

/// Reads a decimal as a database writes it.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    // A column with many places fills them with zeros, more than the type has room for.
    let text = match text.contains('.') && !text.contains(['e', 'E']) {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    let value = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
    value.ok()
}
