//! What PostgreSQL's columns do to values.

use crate::cell::{CellType, Element};
use crate::store::db::column::fit;
use crate::store::db::column::fit::Form;
use crate::store::db::{Fit, FoundColumn, Limit};

/// The years of all moments that PostgreSQL's timestamps hold; the first and the last are not whole.
const YEARS: Limit = Limit::Years(-4711, 262_141);
/// The years of those that are sent as a text.
const TEXT_YEARS: Limit = Limit::Years(1, 9999);

/// See [`Driver::fit`](crate::store::db::driver::Driver::fit). A value is cast to the struct's own type first, and then
/// assigned to the column: an assignment refuses what is too long, but rounds places and moves moments.
pub(crate) fn fit(cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit {
    use CellType::{Array, Boolean, Bytes, Decimal, Float, Instant, Integer, Json, Text};
    if own.is_some_and(|own| !names(own, found)) {
        return Fit::No;
    }
    // Without the struct's own type nothing is cast, and PostgreSQL assigns few types to one another.
    let cast = own.is_some();
    let own = |fit: Fit| if cast { fit } else { Fit::No };
    match (cell, &*found.base) {
        (Text, "text" | "citext")
        | (Integer, "bigint" | "integer" | "smallint")
        | (Float, "double precision")
        | (Boolean, "boolean")
        | (Json, "jsonb" | "json")
        | (Bytes, "bytea") => Fit::Exact,
        (Text, "character varying") => fit::text(cell, found.length),
        // A `character` is filled up with spaces.
        (Text, "character" | "bpchar") => fit::text(cell, found.length).and([Limit::NoSpaceAtEnd]),
        (Text, "json") => own(Fit::within(Limit::Form(Form::Json))),
        (Boolean, "integer") | (Json, "text") => own(Fit::Exact),
        (Text, "enum") => own(fit::words(found)),
        (Text, "uuid") => own(Fit::within(Limit::Form(Form::Uuid))),
        (Text, "bit") => {
            let bits = Fit::within(Limit::Form(Form::Bits));
            own(bits.and(found.length.map(Limit::Exactly)))
        }
        (Text, "bit varying") => {
            let bits = Fit::within(Limit::Form(Form::Bits));
            own(bits.and(found.length.map(Limit::Characters)))
        }
        (Text, "date") => own(Fit::within(Limit::Form(Form::Date))),
        (Integer | Decimal | Json, "text" | "character varying" | "character" | "bpchar") => {
            own(fit::text(cell, found.length))
        }
        (Integer, "numeric") => (found.places.unwrap_or_default() == 0).into(),
        (Decimal, "numeric") => fit::decimal(found),
        (Instant, "timestamp with time zone") => fit::moment(YEARS, found),
        // The column holds the UTC reading, whatever zone the session has; only a cast can say so.
        (Instant, "timestamp without time zone") => own(fit::moment(TEXT_YEARS, found)),
        (Instant, "date") => own(Fit::within(TEXT_YEARS)),
        (Array(Element::Text), "text[]" | "character varying[]")
        | (Array(Element::Integer), "bigint[]" | "integer[]" | "smallint[]")
        | (Array(Element::Float), "double precision[]")
        | (Array(Element::Boolean), "boolean[]") => Fit::Exact,
        _ => Fit::No,
    }
}

/// Whether a type that the user wrote is that of the column: what is cast to another one first may be changed by it.
fn names(own: &str, found: &FoundColumn) -> bool {
    let own = canonical(own);
    let found_type = canonical(&found.sql_type);
    // A type of the user's may be found in another way than it was written: in a schema, or in quotes.
    let last = |name: &str| {
        let name = name.rsplit('.').next().unwrap_or(name);
        name.trim_matches('"').to_owned()
    };
    own == found.base || last(&own) == last(&found_type)
}

/// The one name of a type that PostgreSQL itself writes, without length or places.
pub(crate) fn canonical(sql_type: &str) -> String {
    let mut depth = 0_usize;
    let outside = |letter: &char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    let name: String = sql_type.chars().filter(outside).collect();
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    if let Some(element) = name.strip_suffix("[]") {
        return format!("{}[]", canonical(element.trim_end()));
    }
    match name.as_str() {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "float" | "float8" => "double precision",
        "float4" => "real",
        "decimal" | "dec" => "numeric",
        "varchar" | "char varying" | "national character varying" | "nchar varying" => {
            "character varying"
        }
        "char" | "nchar" | "national character" | "national char" | "bpchar" => "character",
        "bool" => "boolean",
        "varbit" => "bit varying",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn types_have_one_name() {
        for (written, name) in [
            ("CHAR(3)", "character"),
            ("numeric(12, 2)", "numeric"),
            ("timestamp(3)  with time zone", "timestamp with time zone"),
            ("Timestamp (3)", "timestamp without time zone"),
            ("billing.money", "billing.money"),
            ("varchar(3)[]", "character varying[]"),
        ] {
            assert_eq!(canonical(written), name);
        }
    }
}
