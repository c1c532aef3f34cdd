//! What SQLite's columns do to values: what is declared decides it; see "Type Affinity" in its documentation.

use crate::cell::CellType;
use crate::store::db::column::fit::Form;
use crate::store::db::{Fit, FoundColumn, Limit};

/// The years that are written with four digits.
const YEARS: Limit = Limit::Years(0, 9999);

/// What SQLite does to values of a declared type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    None,
    Real,
    Numeric,
}

fn affinity(declared: &str) -> Affinity {
    let has = |part: &str| declared.contains(part);
    if has("int") {
        Affinity::Integer
    } else if has("char") || has("clob") || has("text") {
        Affinity::Text
    } else if declared.is_empty() || has("blob") || declared == "any" {
        Affinity::None
    } else if has("real") || has("floa") || has("doub") {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// Whether moments of a column whose type is the user's own are whole seconds of Unix time.
pub(crate) fn holds_seconds(own: Option<&str>) -> bool {
    own.is_some_and(|own| affinity(&own.to_lowercase()) == Affinity::Integer)
}

/// See [`Driver::fit`](crate::store::db::driver::Driver::fit). A numeric column makes `007` a 7, and rounds a decimal.
pub(crate) fn fit(cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit {
    use Affinity::{Integer, None, Numeric, Real, Text};
    let affinity = affinity(&found.base);
    let seconds = holds_seconds(own);
    match (cell, affinity) {
        (CellType::Text | CellType::Decimal | CellType::Json, Text | None)
        | (CellType::Integer, Integer | Numeric | None)
        | (CellType::Boolean, Integer | Numeric | None)
        | (CellType::Float, Real | Numeric | None)
        | (CellType::Bytes, None) => Fit::Exact,
        (CellType::Integer, Text) => own.is_some().into(),
        (CellType::Text, Numeric) if own.is_some() && found.base.contains("date") => {
            Fit::within(Limit::Form(Form::Date))
        }
        (CellType::Json, Numeric) if found.base.contains("json") => {
            Fit::within(Limit::NoBareNumber)
        }
        (CellType::Instant, Integer | Numeric | None) if seconds => {
            Fit::within(Limit::SecondPlaces(0))
        }
        // A text that is no number stays one in each of these; but numbers that are there are no texts.
        (CellType::Instant, Text | Numeric | None | Integer) if !seconds => Fit::within(YEARS),
        _ => Fit::No,
    }
}
