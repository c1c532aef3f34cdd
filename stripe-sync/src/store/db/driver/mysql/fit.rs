//! What the columns of MySQL and MariaDB do to values, in a strict session.

use crate::cell::CellType;
use crate::store::db::column::fit;
use crate::store::db::column::fit::Form;
use crate::store::db::{Fit, FoundColumn, Limit};

/// What `DATETIME` and `DATE` are documented to hold.
const YEARS: Limit = Limit::Years(1000, 9999);
/// What `TIMESTAMP` may hold; its last second differs between servers, which refuse what is later.
const UNIX_YEARS: Limit = Limit::Years(1970, 9999);

/// See [`Driver::fit`](crate::store::db::driver::Driver::fit). A strict session refuses what is too long or out of range,
/// but it cuts spaces at the end, rounds places, and reads some texts as numbers.
pub(crate) fn fit(cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit {
    use CellType::{Boolean, Bytes, Decimal, Float, Instant, Integer, Json, Text};
    let cast = own.is_some();
    let own = |fit: Fit| if cast { fit } else { Fit::No };
    if !keeps_unicode(found) {
        return Fit::No;
    }
    match (cell, &*found.base) {
        (Integer, "bigint" | "int" | "mediumint" | "smallint" | "tinyint")
        | (Boolean, "tinyint" | "bit" | "smallint" | "int" | "bigint")
        | (Json, "json")
        | (Bytes, "longblob" | "mediumblob" | "blob" | "tinyblob" | "varbinary") => Fit::Exact,
        (Text, "varchar") => fit::text(cell, found.length),
        (Text, "char") => fit::text(cell, found.length).and([Limit::NoSpaceAtEnd]),
        (Text, "longtext" | "mediumtext" | "text" | "tinytext")
        | (Json, "longtext" | "mediumtext") => bytes(found),
        (Text, "varbinary" | "longblob" | "mediumblob" | "blob" | "tinyblob") => own(Fit::Exact),
        (Text, "enum") => own(fit::words(found)),
        (Text, "uuid") => own(Fit::within(Limit::Form(Form::Uuid))),
        (Text, "date") => own(Fit::within(Limit::Form(Form::Date))),
        (Json, "text" | "tinytext") => own(bytes(found)),
        (Integer | Decimal | Json, "varchar" | "char") => own(fit::text(cell, found.length)),
        (Integer, "decimal") => (found.places == Some(0)).into(),
        (Decimal, "decimal") => fit::decimal(found),
        // `DOUBLE(10,2)` rounds.
        (Float, "double") => found.places.is_none().into(),
        (Instant, "datetime") => fit::moment(YEARS, found),
        // One that may not be null becomes the time of the write where it is set to null.
        (Instant, "timestamp") => fit::moment(UNIX_YEARS, found),
        (Instant, "date") => own(Fit::within(YEARS)),
        _ => Fit::No,
    }
}

/// The length of these types is one of bytes.
fn bytes(found: &FoundColumn) -> Fit {
    Fit::Exact.and(found.length.map(Limit::Bytes))
}

/// Whether the column's characters are Unicode's, or are refused if they are not in its character set. Some older
/// character sets give another character back.
fn keeps_unicode(found: &FoundColumn) -> bool {
    let sets = [
        "utf8", "utf16", "utf32", "ucs2", "latin1", "ascii", "binary", "uca1400",
    ];
    found
        .collation
        .as_ref()
        .is_none_or(|collation| sets.iter().any(|set| collation.starts_with(set)))
}
