//! What SQLite's error codes mean.

use crate::store::db::retry::Class;

/// The primary result code is the low byte of the extended one.
const PRIMARY: i32 = 0xff;
const ERROR: i32 = 1;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const FULL: i32 = 13;
const TOO_BIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
/// How the messages about what a statement names begin or end: their code is that of a function that fails for one row.
const OF_STRUCTURE: [&str; 5] = [
    "no such table",
    "no such column",
    "has no column named",
    "syntax error",
    "values for",
];

/// Returns what an extended result code, with its message, means. What is said of rights and of the structure is of no
/// single row.
pub(crate) fn classify(code: Option<&str>, message: &str) -> Class {
    let code = code.and_then(|code| code.parse::<i32>().ok());
    match code.map(|code| code & PRIMARY) {
        Some(BUSY | LOCKED) => Class::Contended,
        Some(TOO_BIG | CONSTRAINT | MISMATCH | FULL) => Class::Data,
        Some(ERROR) if !OF_STRUCTURE.iter().any(|words| message.contains(words)) => Class::Data,
        _ => Class::Other,
    }
}
