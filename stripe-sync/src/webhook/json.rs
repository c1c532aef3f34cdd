//! Reads the members of a JSON object one by one.
//!
//! `serde` finds them in one pass and borrows them. Their types are checked here, so that an error names the member and
//! does not repeat its value.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::webhook::event::error::EventError;

/// The longest id, type or name, in characters. Stripe's ids have at most 255.
pub(crate) const NAME_LIMIT: usize = 255;

const NAME: &str = "a text of 1 to 255 characters without NUL";

/// The same JSON in ASCII: a database that keeps texts in another encoding than Unicode's takes it, too.
pub(crate) fn escaped(json: &str) -> String {
    if json.is_ascii() {
        return json.to_owned();
    }
    let mut escaped = String::with_capacity(json.len() * 2);
    for letter in json.chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Nothing refuses to be written to a text.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

/// The members of the JSON that may be an event.
pub(crate) fn top<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, EventError> {
    read(json)?.map_err(EventError::not_delivery)
}

/// The members of the JSON object that `field` is.
pub(crate) fn members<'a, T: Deserialize<'a>>(
    field: &'static str,
    raw: Option<&'a RawValue>,
) -> Result<T, EventError> {
    let json = required(field, "an object", raw, Some)?;
    read(json)?.map_err(|found| EventError::field(field, "an object", found))
}

/// The members of a JSON object, or what the JSON is instead.
fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<Result<T, &'static str>, EventError> {
    // `serde` would read an array as the members in their order.
    let value: &RawValue = match json.trim_ascii_start().as_bytes().first() {
        Some(b'{') => return serde_json::from_str(json).map(Ok).map_err(EventError::Json),
        // What is no JSON at all is rather said so.
        _ => serde_json::from_str(json).map_err(EventError::Json)?,
    };
    Ok(Err(what(value.get())))
}

/// A text that names something, if it is there.
pub(crate) fn name(
    field: &'static str,
    raw: Option<&RawValue>,
) -> Result<Option<String>, EventError> {
    let Some(json) = raw.map(RawValue::get) else {
        return Ok(None);
    };
    let text = text(json).map_err(|found| EventError::field(field, NAME, found))?;
    let wrong = if text.is_empty() {
        "an empty text"
    } else if text.contains('\0') {
        "a text with NUL"
    } else if text.chars().count() > NAME_LIMIT {
        "a longer text"
    } else {
        return Ok(Some(text));
    };
    Err(EventError::field(field, NAME, wrong))
}

/// The text of a name that must be there.
pub(crate) fn present(field: &'static str, raw: Option<&RawValue>) -> Result<String, EventError> {
    name(field, raw)?.ok_or(EventError::field(field, NAME, "nothing"))
}

/// What `read` finds in the JSON of a member, if the member is there.
pub(crate) fn optional<'a, T>(
    field: &'static str,
    expected: &'static str,
    raw: Option<&'a RawValue>,
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Result<Option<T>, EventError> {
    let Some(json) = raw.map(RawValue::get) else {
        return Ok(None);
    };
    let value = read(json).ok_or(EventError::field(field, expected, what(json)))?;
    Ok(Some(value))
}

/// What `read` finds in the JSON of a member that must be there.
pub(crate) fn required<'a, T>(
    field: &'static str,
    expected: &'static str,
    raw: Option<&'a RawValue>,
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Result<T, EventError> {
    optional(field, expected, raw, read)?.ok_or(EventError::field(field, expected, "nothing"))
}

/// A JSON string's text, or what it is instead.
pub(crate) fn text(json: &str) -> Result<String, &'static str> {
    if !json.starts_with('"') {
        return Err(what(json));
    }
    serde_json::from_str(json).map_err(|_| "a text with half a surrogate pair")
}

/// What a JSON value is, in words.
pub(crate) fn what(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => "nothing",
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_is_escaped_is_the_same_json() {
        let json = r#"{"name": "Jürgen 🎉", "note": "a\n"}"#;
        let ascii = escaped(json);
        assert!(
            ascii.is_ascii() && ascii.contains("J\\u00fcrgen \\ud83c\\udf89"),
            "{ascii}"
        );
        let read = |json| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(read(&ascii), read(json));
    }
}
