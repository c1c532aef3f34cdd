//! What SQLite's error codes mean.

use crate::store::db::retry::Class;

/// The primary result code is the low byte of the extended one.
const PRIMARY: i32 = 0xff;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const TOO_BIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;

/// Returns what an extended result code means.
pub(in crate::store) fn classify(code: Option<&str>) -> Class {
    let code = code.and_then(|code| code.parse::<i32>().ok());
    match code.map(|code| code & PRIMARY) {
        Some(BUSY | LOCKED) => Class::Contended,
        Some(TOO_BIG | CONSTRAINT | MISMATCH) => Class::Data,
        _ => Class::Other,
    }
}
