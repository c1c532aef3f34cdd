//! Takes a list page apart without reading its objects.

use serde::de::Error;

use super::paths::Mode;
use super::scan::Scanner;
use super::slot::Slot;
use super::walk::keep;

/// The objects of a list page.
#[derive(Debug, Default)]
pub(crate) struct List<'o> {
    /// Each object as it stands in the page.
    pub(crate) objects: Vec<&'o str>,
    /// Whether another page follows.
    pub(crate) has_more: bool,
    /// How many objects the whole list has, where it says so.
    pub(crate) total_count: Option<usize>,
}

/// Takes a page apart.
///
/// # Errors
/// When it is not JSON, or not a list.
pub(crate) fn list(page: &str) -> Result<List<'_>, serde_json::Error> {
    let mut scanner = Scanner::new(page);
    let mut list = List::default();
    let mut is_list = false;
    scanner.token(b'{')?;
    let mut more = scanner.any(b'}');
    while more {
        let key = scanner.key()?;
        if key.is("data") {
            is_list = true;
            scanner.token(b'[')?;
            let mut another = scanner.any(b']');
            while another {
                list.objects.push(scanner.raw()?);
                another = scanner.another(b']')?;
            }
        } else if key.is("has_more") {
            list.has_more = match keep(&mut scanner, Mode::Scalar)? {
                Slot::Boolean(has_more) => has_more,
                _ => return Err(Error::custom("`has_more` is not a boolean")),
            };
        } else if key.is("total_count") {
            list.total_count = match keep(&mut scanner, Mode::Scalar)? {
                Slot::Integer(count) => usize::try_from(count).ok(),
                _ => None,
            };
        } else {
            scanner.skip()?;
        }
        more = scanner.another(b'}')?;
    }
    scanner.end()?;
    if is_list {
        Ok(list)
    } else {
        Err(Error::missing_field("data"))
    }
}

/// The elements of an array, each as it stands there.
///
/// # Errors
/// When it is not JSON, or no array.
pub(crate) fn elements(array: &str) -> Result<Vec<&str>, serde_json::Error> {
    let mut scanner = Scanner::new(array);
    let mut elements = Vec::new();
    scanner.token(b'[')?;
    let mut more = scanner.any(b']');
    while more {
        elements.push(scanner.raw()?);
        more = scanner.another(b']')?;
    }
    scanner.end()?;
    Ok(elements)
}

/// The `id` of an object, without reading what follows it; `None` where there is none that is text.
pub(crate) fn id(object: &str) -> Option<String> {
    let mut scanner = Scanner::new(object);
    scanner.token(b'{').ok()?;
    let mut more = scanner.any(b'}');
    while more {
        if scanner.key().ok()?.is("id") {
            return match keep(&mut scanner, Mode::Scalar) {
                Ok(Slot::Text(id)) => Some(id.into_owned()),
                _ => None,
            };
        }
        scanner.skip().ok()?;
        more = scanner.another(b'}').ok()?;
    }
    None
}

/// A member of an object, as it stands there.
pub(crate) fn member<'o>(object: &'o str, name: &str) -> Option<&'o str> {
    let mut scanner = Scanner::new(object);
    scanner.token(b'{').ok()?;
    let mut more = scanner.any(b'}');
    while more {
        if scanner.key().ok()?.is(name) {
            return scanner.raw().ok();
        }
        scanner.skip().ok()?;
        more = scanner.another(b'}').ok()?;
    }
    None
}

/// An integer member of an object, such as `created`; `None` where there is none.
pub(crate) fn integer(object: &str, name: &str) -> Option<i64> {
    let mut scanner = Scanner::new(object);
    scanner.token(b'{').ok()?;
    let mut more = scanner.any(b'}');
    while more {
        if scanner.key().ok()?.is(name) {
            return match keep(&mut scanner, Mode::Scalar) {
                Ok(Slot::Integer(value)) => Some(value),
                _ => None,
            };
        }
        scanner.skip().ok()?;
        more = scanner.another(b'}').ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_apart() {
        let page = r#"{"object": "list", "data": [ {"id":"a"} , {"data":[1]}, null ], "has_more": true, "url": "/v1"}"#;
        let list = list(page).unwrap();
        assert_eq!(list.objects, [r#"{"id":"a"}"#, r#"{"data":[1]}"#, "null"]);
        assert!(list.has_more);
        let empty = super::list(r#"{"data":[]}"#).unwrap();
        assert!(empty.objects.is_empty() && !empty.has_more);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for (page, reason) in [
            ("{}", "missing field `data`"),
            (r#"{"data":{}}"#, "not JSON"),
            (r#"{"data":[],"has_more":1}"#, "`has_more` is not a boolean"),
            (r#"{"data":[{"id":"a"}"#, "EOF while parsing a list"),
            (r#"{"data":[]} x"#, "trailing characters"),
            ("<html>", "expected value"),
        ] {
            let error = list(page).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{page}: {error}");
        }
    }

    #[test]
    fn an_id_is_text() {
        assert_eq!(id(r#"{"x":{"id":"no"},"id":"a\u0062"}"#).unwrap(), "ab");
        for object in [r#"{"id":null}"#, r#"{"id":1}"#, "{}", "[]", "", r#"{"id""#] {
            assert_eq!(id(object), None, "{object}");
        }
    }
}
