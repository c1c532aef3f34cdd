//! The hash of a row's content: equal rows hash alike, however the database spelled them.
//!
//! A row that was completed from the table has to hash as it did when it was written. So JSON is hashed as JSON (order
//! of keys, spaces, escapes and the spelling of numbers do not matter), decimals without trailing zeros, and moments to
//! the microsecond, which is what databases keep.

use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_seed};

use crate::cell::Cell;
use crate::object::digest;

/// What a value is stands before it, so that the text `1`, the number 1 and the decimal 1 differ.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Null = 1,
    Text,
    Integer,
    Float,
    Boolean,
    Instant,
    Decimal,
    Json,
    Bytes,
}

/// The hash of a row's written cells in column order. The seed is the fingerprint of the mapping, so that a changed
/// mapping writes every row again.
pub(crate) fn hash(cells: &[Cell<'_>], seed: u64) -> i64 {
    let mut row = Xxh3::with_seed(seed);
    for cell in cells {
        row.update(&of_cell(cell).to_le_bytes());
    }
    row.digest().cast_signed()
}

/// Whether two cells are the same value, however the database spelled it.
pub(crate) fn is_same(one: &Cell<'_>, other: &Cell<'_>) -> bool {
    of_cell(one) == of_cell(other)
}

fn of(tag: Tag, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, tag as u64)
}

fn of_cell(cell: &Cell<'_>) -> u64 {
    match cell {
        Cell::Null => of(Tag::Null, &[]),
        Cell::Text(text) => of(Tag::Text, text.as_bytes()),
        Cell::Integer(value) => of(Tag::Integer, &value.to_le_bytes()),
        Cell::Float(value) => of_float(*value),
        Cell::Boolean(value) => of(Tag::Boolean, &[u8::from(*value)]),
        Cell::Instant(value) => of(Tag::Instant, &value.timestamp_micros().to_le_bytes()),
        Cell::Decimal(value) => of(Tag::Decimal, &value.normalize().serialize()),
        Cell::Json(json) => of(Tag::Json, &digest(json).to_le_bytes()),
        Cell::Bytes(bytes) => of(Tag::Bytes, bytes),
    }
}

fn of_float(value: f64) -> u64 {
    // Zero has two signs that compare as equal.
    let value = if value == 0.0 { 0.0 } else { value };
    of(Tag::Float, &value.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::hash;
    use crate::cell::Cell;
    use chrono::DateTime;
    use rust_decimal::Decimal;

    fn json(text: &str) -> i64 {
        hash(&[Cell::Json(text.into())], 7)
    }

    #[test]
    fn json_is_compared_as_json() {
        let one = json(r#"{"a": 1, "b": [true, null, "x"], "c": {"d": 2, "e": 3}}"#);
        assert_eq!(
            one,
            json(r#"{"c":{"e":3.0,"d":2},"b":[true,null,"\u0078"],"a":1e0}"#)
        );
        assert_ne!(
            one,
            json(r#"{"a": 1, "b": [null, true, "x"], "c": {"d": 2, "e": 3}}"#)
        );
        assert_ne!(
            one,
            json(r#"{"a": 1, "b": [true, null, "x"], "c": {"d": 3, "e": 2}}"#)
        );
    }

    #[test]
    fn structure_counts() {
        let different = [
            "null",
            "{}",
            "[]",
            "[[]]",
            "[{}]",
            r#""""#,
            "0",
            "false",
            "[null]",
            "[0]",
            "[[],[]]",
            r#"{"a":{}}"#,
            r#"{"a":[]}"#,
            r#"{"a":null}"#,
            r#"{"b":null}"#,
            r#""0""#,
            "0.5",
            "-1",
            "18446744073709551615",
            "1e400",
            "1e401",
        ];
        let hashes: std::collections::BTreeSet<i64> =
            different.iter().map(|text| json(text)).collect();
        assert_eq!(hashes.len(), different.len());
    }

    #[test]
    fn cells_of_different_types_and_places_differ() {
        let text = || Cell::text("1");
        assert_ne!(hash(&[text()], 0), hash(&[Cell::Integer(1)], 0));
        assert_ne!(hash(&[text()], 0), hash(&[Cell::Json("\"1\"".into())], 0));
        assert_ne!(
            hash(&[text(), Cell::Null], 0),
            hash(&[Cell::Null, text()], 0)
        );
        assert_ne!(
            hash(&[Cell::text("ab"), Cell::text("c")], 0),
            hash(&[Cell::text("a"), Cell::text("bc")], 0)
        );
    }

    #[test]
    fn a_changed_mapping_changes_every_hash() {
        assert_ne!(hash(&[Cell::Null], 1), hash(&[Cell::Null], 2));
    }

    #[test]
    fn what_databases_do_to_values_does_not_matter() {
        let decimal = |text: &str| Cell::Decimal(text.parse::<Decimal>().unwrap());
        assert_eq!(hash(&[decimal("1.50")], 0), hash(&[decimal("1.5")], 0));
        assert_eq!(hash(&[decimal("-0")], 0), hash(&[decimal("0.000")], 0));
        let instant = |nanos| Cell::Instant(DateTime::from_timestamp(5, nanos).unwrap());
        assert_eq!(hash(&[instant(1_000)], 0), hash(&[instant(1_999)], 0));
        assert_eq!(hash(&[Cell::Float(0.0)], 0), hash(&[Cell::Float(-0.0)], 0));
    }
}
