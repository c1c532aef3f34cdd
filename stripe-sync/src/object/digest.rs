//! Hashes JSON as JSON, in one pass over its text.
//!
//! The order of members, white space, escapes and the spelling of numbers do not matter, so an object hashes alike
//! however Stripe or a database wrote it.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::scan::{Scan, Scanner};

/// What a value is stands before it, so that the text `1` and the number 1 differ.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Null = 0x4e,
    True,
    False,
    Text,
    Integer,
    Float,
    Array,
    Object,
    Unread,
}

/// Arrays and objects nest at most so deep in an answer of Stripe's; what is deeper is hashed as bytes.
const DEEPEST: usize = 100;
/// Up to here every integer has a float of its own, so `1`, `1.0` and `1e0` can be one value.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The hash of one JSON value.
pub(crate) fn digest(json: &str) -> u64 {
    let mut scanner = Scanner::new(json);
    let whole = value(&mut scanner, 0).and_then(|hash| scanner.end().map(|()| hash));
    // A number out of the range of floats, or no JSON at all: its bytes are what it is.
    whole.unwrap_or_else(|_| text(Tag::Unread, json.as_bytes()))
}

fn text(tag: Tag, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, tag as u64)
}

/// Two hashes as one, in their order: the folded product of wyhash, with its constants.
const fn pair(first: u64, second: u64) -> u64 {
    let product =
        (first ^ 0xa076_1d64_78bd_642f) as u128 * (second ^ 0xe703_7ed1_a0b4_28db) as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

fn value(scanner: &mut Scanner<'_>, depth: usize) -> Scan<u64> {
    if depth > DEEPEST {
        return Err(scanner.refused());
    }
    match scanner.peek() {
        Some(b'"') => Ok(text(Tag::Text, scanner.string()?.as_bytes())),
        Some(b'{') => members(scanner, depth),
        Some(b'[') => elements(scanner, depth),
        Some(b'n') => scanner.word("null").map(|()| text(Tag::Null, &[])),
        Some(b't') => scanner.word("true").map(|()| text(Tag::True, &[])),
        Some(b'f') => scanner.word("false").map(|()| text(Tag::False, &[])),
        Some(b'-' | b'0'..=b'9') => {
            let (digits, integer) = scanner.number()?;
            number(digits, integer).ok_or_else(|| scanner.refused())
        }
        _ => Err(scanner.refused()),
    }
}

/// A sum does not know the order of its parts.
fn members(scanner: &mut Scanner<'_>, depth: usize) -> Scan<u64> {
    scanner.pass();
    let (mut sum, mut length) = (0_u64, 0_u64);
    let mut more = scanner.any(b'}');
    while more {
        let key = scanner.key()?;
        let key = match key.plain() {
            Some(bytes) => text(Tag::Text, bytes),
            None => text(Tag::Text, key.decoded()?.as_bytes()),
        };
        sum = sum.wrapping_add(pair(key, value(scanner, depth + 1)?));
        length += 1;
        more = scanner.another(b'}')?;
    }
    Ok(pair(pair(Tag::Object as u64, length), sum))
}

fn elements(scanner: &mut Scanner<'_>, depth: usize) -> Scan<u64> {
    scanner.pass();
    let (mut hash, mut length) = (0, 0);
    let mut more = scanner.any(b']');
    while more {
        hash = pair(hash, value(scanner, depth + 1)?);
        length += 1;
        more = scanner.another(b']')?;
    }
    Ok(pair(pair(Tag::Array as u64, length), hash))
}

/// `None` for a number that no float can hold.
fn number(digits: &str, integer: bool) -> Option<u64> {
    if integer && let Ok(value) = digits.parse::<i64>() {
        return Some(whole(value));
    }
    if integer && let Ok(value) = digits.parse::<u64>() {
        return Some(text(Tag::Integer, &i128::from(value).to_le_bytes()));
    }
    let value: f64 = digits
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "an integer below 2^53 fits"
        )]
        return Some(whole(value as i64));
    }
    Some(text(Tag::Float, &value.to_le_bytes()))
}

fn whole(value: i64) -> u64 {
    text(Tag::Integer, &i128::from(value).to_le_bytes())
}
