//! Members that are never kept, cut out of an object's text. All else stays byte for byte as it was sent.
//!
//! Which members these are is in the schema: numbers and codes of cards, secrets of clients, what a person's documents say.

use std::ops::Range;

use bytes::Bytes;
use serde_json::from_str;
use stripe_sync_schema::fields::{CLIENT_SECRET, secrets};

use super::scan::{Scan, Scanner};

/// How deep objects may nest, as everywhere.
const DEEPEST: usize = 128;
/// A part of each text that holds a secret: the end of `client_secret` and of objects and members that end so, the member of
/// verified outputs, the object with the numbers of cards. A key may be written with escapes, which Stripe never does.
const SIGNS: [&str; 4] = ["secret\"", "verified_outputs\"", "issuing.card\"", "\\u00"];
/// The keys below this one are the user's own.
const METADATA: &str = "metadata";
/// The member of an event with what the object's members were before.
const PREVIOUS: &str = "previous_attributes";

/// The object, or the event, without its secrets. The same bytes if there are none, or if it is not JSON.
pub(crate) fn without_secrets(json: Bytes) -> Bytes {
    let cut = std::str::from_utf8(&json).ok().and_then(cut);
    cut.map_or(json, Bytes::from)
}

/// The same of a text that may be no JSON: there, the text behind each key of a client secret is taken away.
#[cfg(feature = "live")]
pub(crate) fn without_secrets_of_any(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return cut(text).unwrap_or_else(|| text.to_owned());
    }
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once(CLIENT_SECRET) {
        kept.push_str(before);
        kept.push_str(CLIENT_SECRET);
        // The quote of the key, what stands between, and that of the value.
        let value = after.match_indices('"').nth(1).map(|(at, _)| at + 1);
        let (head, value) = after.split_at(value.unwrap_or(after.len()));
        kept.push_str(head);
        rest = value.find('"').map_or("", |end| value.split_at(end).1);
    }
    kept.push_str(rest);
    kept
}

/// The text without its secrets; `None` if there are none.
fn cut(text: &str) -> Option<String> {
    if !may_hold(text) {
        return None;
    }
    let mut search = Search {
        text,
        found: Vec::new(),
    };
    search.value(text, None, 0).ok()?;
    if search.found.is_empty() {
        return None;
    }
    let mut rest = String::with_capacity(text.len());
    let mut done = 0;
    for place in search.found {
        rest.push_str(text.get(done..place.start)?);
        done = place.end;
    }
    rest.push_str(text.get(done..)?);
    Some(rest)
}

/// A look at the bytes, which spares almost every object the search.
fn may_hold(text: &str) -> bool {
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// A member of an object, and where it begins and ends.
struct Member<'o> {
    key: String,
    value: &'o str,
    place: Range<usize>,
}

struct Search<'o> {
    text: &'o str,
    /// In the order of the text.
    found: Vec<Range<usize>>,
}

impl<'o> Search<'o> {
    /// Looks into a value. `of` is the object whose members these are, if they do not say so themselves.
    fn value(&mut self, json: &'o str, of: Option<&str>, depth: usize) -> Scan<()> {
        if depth > DEEPEST || !may_hold(json) {
            return Ok(());
        }
        let mut scanner = Scanner::new(json);
        match scanner.peek() {
            Some(b'{') => self.object(scanner, of, depth),
            Some(b'[') => {
                scanner.token(b'[')?;
                let mut more = scanner.any(b']');
                while more {
                    self.value(scanner.raw()?, None, depth + 1)?;
                    more = scanner.another(b']')?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn object(&mut self, mut scanner: Scanner<'o>, of: Option<&str>, depth: usize) -> Scan<()> {
        let members = self.members(&mut scanner)?;
        let object = members.iter().find(|member| member.key == "object");
        let named = object.and_then(|object| from_str::<String>(object.value).ok());
        // An event's `object` is the whole object, whose name the members before it lack.
        let inner = object.and_then(|object| name_of(object.value));
        let of = named.as_deref().or(of);
        // Where the last member ends that stays.
        let mut kept: Option<usize> = None;
        for (at, member) in members.iter().enumerate() {
            let is_secret = member.key == CLIENT_SECRET
                || of.is_some_and(|of| secrets(of).any(|secret| secret == member.key));
            if is_secret {
                let next = members.get(at + 1).map(|next| next.place.start);
                self.found.push(match (kept, next) {
                    // With the comma before it, else with that behind it.
                    (Some(_), _) => {
                        let before = members.get(at.wrapping_sub(1));
                        before.map_or(member.place.start, |before| before.place.end)
                            ..member.place.end
                    }
                    (None, Some(next)) => member.place.start..next,
                    (None, None) => member.place.clone(),
                });
                continue;
            }
            kept = Some(member.place.end);
            if member.key != METADATA {
                let of = inner.as_deref().filter(|_| member.key == PREVIOUS);
                self.value(member.value, of, depth + 1)?;
            }
        }
        Ok(())
    }

    fn members(&self, scanner: &mut Scanner<'o>) -> Scan<Vec<Member<'o>>> {
        let mut members = Vec::new();
        scanner.token(b'{')?;
        let mut more = scanner.any(b'}');
        while more {
            let start = scanner.rest_starts_at(self.text);
            let key = scanner.string()?.into_owned();
            scanner.token(b':')?;
            let value = scanner.raw()?;
            let end = value.as_ptr().addr() - self.text.as_ptr().addr() + value.len();
            members.push(Member {
                key,
                value,
                place: start..end,
            });
            more = scanner.another(b'}')?;
        }
        Ok(members)
    }
}

/// What an object says that it is.
fn name_of(json: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        object: String,
    }
    from_str::<Named>(json).ok().map(|named| named.object)
}

#[cfg(test)]
mod tests {
    use super::cut;

    fn left(text: &str) -> String {
        cut(text).unwrap_or_else(|| "the same".to_owned())
    }

    #[test]
    fn members_are_cut_with_their_comma() {
        for (object, expected) in [
            (
                r#"{"id": "pi_1", "client_secret": "s", "amount": 1}"#,
                r#"{"id": "pi_1", "amount": 1}"#,
            ),
            (r#"{"client_secret":"s","id":"pi_1"}"#, r#"{"id":"pi_1"}"#),
            (r#"{"id":"pi_1","client_secret":null}"#, r#"{"id":"pi_1"}"#),
            (r#"{"client_secret":{"a":[1,2]}}"#, "{}"),
            (
                r#"{"cvc":"1","number":"4","object":"issuing.card","pin":{"status":"x"},"last4":"4"}"#,
                r#"{"object":"issuing.card","last4":"4"}"#,
            ),
            (
                r#"{"a":[{"client_secret":"s"},{"b":{"client_secret":"t","c":1}}]}"#,
                r#"{"a":[{},{"b":{"c":1}}]}"#,
            ),
            (r#"{"a":1,"client\u005fsecret":"s"}"#, r#"{"a":1}"#),
            (
                r#"{"card":{"object":"issuing.card","number":"4","last4":"4"},"number":"A-1"}"#,
                r#"{"card":{"object":"issuing.card","last4":"4"},"number":"A-1"}"#,
            ),
        ] {
            assert_eq!(left(object), expected, "{object}");
        }
    }

    #[test]
    fn an_event_holds_none_either() {
        let event = r#"{"object":"event","data":{"object":{"object":"identity.verification_session","verified_outputs":{"a":1},"id":"vs"},
            "previous_attributes":{"verified_outputs":null,"status":"x"}}}"#;
        let cut = left(event);
        assert!(!cut.contains("verified_outputs"), "{cut}");
        assert!(
            cut.contains(r#""previous_attributes":{"status":"x"}"#),
            "{cut}"
        );
    }

    #[cfg(feature = "live")]
    #[test]
    fn what_is_no_json_has_no_client_secret_either() {
        for (text, expected) in [
            (
                r#"{"a": 1, "client_secret": "pi_secret", "b": 2"#,
                r#"{"a": 1, "client_secret": "", "b": 2"#,
            ),
            (r#"{"client_secret":"pi_sec"#, r#"{"client_secret":""#),
            (r#"{"client_secret": "s"}"#, "{}"),
            ("no JSON", "no JSON"),
            (r#"{"client_secret"#, r#"{"client_secret"#),
        ] {
            assert_eq!(super::without_secrets_of_any(text), expected, "{text}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for object in [
            r#"{"id":"in_1","object":"invoice","number":"A-1"}"#,
            r#"{"id":"cus_1","metadata":{"client_secret":"mine"}}"#,
            r#"{"description":"a client_secret\" and more"}"#,
            r#"{"client_secret":"#,
            "secret\"",
            r#"{"id":"card_1","object":"card","cvc_check":"pass"}"#,
        ] {
            assert_eq!(left(object), "the same", "{object}");
        }
    }
}
