//! Objects as JSON bytes in Stripe's manner, and lists put together from such bytes.

use serde_json::Value;

/// Writes a value; `shuffle` gives every object a random key order, otherwise `id` and `object` come first.
pub(crate) fn object(value: &Value, shuffle: Option<&mut fastrand::Rng>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    match shuffle {
        Some(rng) => write(value, &mut out, &mut |keys| rng.shuffle(keys)),
        None => write(value, &mut out, &mut |keys| {
            keys.sort_unstable_by_key(|key| match key.as_str() {
                "id" => (0, *key),
                "object" => (1, *key),
                _ => (2, *key),
            });
        }),
    }
    out
}

fn write(value: &Value, out: &mut Vec<u8>, order: &mut dyn FnMut(&mut [&String])) {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            order(&mut keys);
            out.push(b'{');
            for (nth, key) in keys.into_iter().enumerate() {
                if nth > 0 {
                    out.push(b',');
                }
                text(key, out);
                out.push(b':');
                write(&members[key], out, order);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    out.push(b',');
                }
                write(item, out, order);
            }
            out.push(b']');
        }
        Value::String(string) => text(string, out),
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}

/// A JSON string.
pub(crate) fn text(string: &str, out: &mut Vec<u8>) {
    // Writing into a vector does not fail.
    let _ = serde_json::to_writer(out, string);
}

/// A list object around bodies that are JSON already.
pub(crate) fn list<'a>(
    bodies: impl Iterator<Item = &'a [u8]> + Clone,
    has_more: bool,
    url: &str,
) -> Vec<u8> {
    let mut out = page("list", bodies, has_more, url);
    out.push(b'}');
    out
}

/// The answer of a search around bodies that are JSON already. `count` is how many objects the query finds, if that was asked.
pub(crate) fn search_result<'a>(
    bodies: impl Iterator<Item = &'a [u8]> + Clone,
    has_more: bool,
    next_page: Option<&str>,
    count: Option<usize>,
    url: &str,
) -> Vec<u8> {
    let mut out = page("search_result", bodies, has_more, url);
    out.extend_from_slice(b",\"next_page\":");
    match next_page {
        Some(page) => text(page, &mut out),
        None => out.extend_from_slice(b"null"),
    }
    if let Some(count) = count {
        out.extend_from_slice(format!(",\"total_count\":{count}").as_bytes());
    }
    out.push(b'}');
    out
}

/// What a list and the answer of a search have in common, without the last brace.
fn page<'a>(
    object: &str,
    bodies: impl Iterator<Item = &'a [u8]> + Clone,
    has_more: bool,
    url: &str,
) -> Vec<u8> {
    let size: usize = bodies.clone().map(|body| body.len() + 1).sum();
    let mut out = Vec::with_capacity(size + url.len() + 64);
    out.extend_from_slice(b"{\"object\":");
    text(object, &mut out);
    out.extend_from_slice(b",\"data\":[");
    for (nth, body) in bodies.enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        out.extend_from_slice(body);
    }
    out.extend_from_slice(if has_more {
        b"],\"has_more\":true,\"url\":"
    } else {
        b"],\"has_more\":false,\"url\":"
    });
    text(url, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn key_orders() {
        let value = json!({ "a": [1, "x\n\"é"], "object": "o", "id": "i", "z": null });
        let plain = String::from_utf8(object(&value, None)).unwrap();
        assert_eq!(
            plain,
            "{\"id\":\"i\",\"object\":\"o\",\"a\":[1,\"x\\n\\\"é\"],\"z\":null}"
        );
        let shuffled = object(&value, Some(&mut fastrand::Rng::with_seed(3)));
        assert_ne!(shuffled, plain.as_bytes());
        assert_eq!(serde_json::from_slice::<Value>(&shuffled).unwrap(), value);
    }

    #[test]
    fn lists() {
        let bodies: [&[u8]; 2] = [b"{\"id\":1}", b"{\"id\":2}"];
        let list: Value = serde_json::from_slice(&list(bodies.into_iter(), true, "/v1/x")).unwrap();
        assert_eq!(
            list,
            json!({ "object": "list", "data": [{ "id": 1 }, { "id": 2 }], "has_more": true, "url": "/v1/x" })
        );
    }
}
