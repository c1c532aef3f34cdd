//! The scanner against `serde_json`, which decides what is JSON.

use serde::de::IgnoredAny;

use super::*;

/// Accepts the whole text, or not.
fn accepts(json: &str) -> bool {
    let mut scanner = Scanner::new(json);
    scanner.skip().and_then(|()| scanner.end()).is_ok()
}

fn serde_accepts(json: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(json).is_ok()
}

/// Valid and broken in every way that a token can be; some longer than the eight bytes of one look.
const TEXTS: &[&str] = &[
    r#"{}"#,
    r#"[]"#,
    r#" { "a" : [ 1 , -2.5e+10 , null , true , false , "x" ] , "b" : { } } "#,
    r#"{"a":1,}"#,
    r#"[1,]"#,
    r#"[,1]"#,
    r#"{,}"#,
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a" 1}"#,
    r#"{a:1}"#,
    r#"[1 2]"#,
    r#"[1}"#,
    r#"{"a":1]"#,
    r#"{"a":1"#,
    r#"[[[]]"#,
    r#"[]]"#,
    "",
    "  ",
    "\u{b}1",
    "\u{a0}1",
    "nul",
    "nulll",
    "truefalse",
    "01",
    "-",
    "-01",
    "0",
    "-0",
    "1.",
    ".5",
    "1.5.5",
    "1e",
    "1e+",
    "1E-7",
    "1e5.5",
    "+1",
    "123456789012345678901234567890",
    r#""a"#,
    r#""twelve bytes and no end"#,
    r#""an escape \n after eight bytes""#,
    r#""\u00e9 \ud83d\ude00 \"\\\/\b\f\n\r\t""#,
    r#""\ud83d""#,
    r#""\u12""#,
    r#""\u12g4""#,
    r#""\x""#,
    r#""\"#,
    "\"a\u{1}\"",
    "\"eight bytes and more\u{1f}\"",
    "\"a\nb\"",
    "\"é, ü, 漢字 and 🦀 are no special bytes\"",
    "\"\u{7f}\u{80}!# ^]\"",
];

#[test]
fn accepts_what_serde_json_accepts() {
    for json in TEXTS {
        assert_eq!(accepts(json), serde_accepts(json), "{json}");
    }
}

#[test]
fn accepts_what_serde_json_accepts_however_it_is_broken() {
    let whole = r#"{"id":"cus_1","é \"q\" 漢":[1,-2.5e3,{"a":null,"b":[true,false,[]]},"\u00e9 long enough"],"c":{}}"#;
    let pieces: &[&str] = &[
        "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "0", "-", ".", "e", "n", "u0", "é",
        "\u{1}",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut broken: Vec<char> = whole.chars().collect();
        for _ in 0..random.usize(1..4) {
            let place = random.usize(0..broken.len());
            match random.u8(0..3) {
                0 => drop(broken.remove(place)),
                1 => broken.truncate(place.max(4)),
                _ => {
                    drop(broken.splice(place..place, random.choice(pieces).unwrap_or(&"").chars()))
                }
            }
        }
        let broken: String = broken.into_iter().collect();
        assert_eq!(accepts(&broken), serde_accepts(&broken), "{broken}");
        refused += usize::from(!accepts(&broken));
    }
    // Both kinds must have come up, or nothing was compared.
    assert!((1_000..19_000).contains(&refused), "{refused}");
}

#[test]
fn strings_come_as_they_were_meant() {
    for (json, text, borrowed) in [
        (r#""""#, "", true),
        (r#""short""#, "short", true),
        (
            r#""longer than one look é""#,
            "longer than one look é",
            true,
        ),
        (r#""\u00e9\n\"x\"""#, "é\n\"x\"", false),
    ] {
        let read = Scanner::new(json).string().unwrap();
        assert_eq!(read, text);
        assert_eq!(matches!(read, Cow::Borrowed(_)), borrowed);
    }
    assert!(Scanner::new(r#""\ud83d""#).string().is_err());
}

#[test]
fn keys_are_compared_without_their_escapes() {
    let key = |json| Scanner::new(json).key().unwrap();
    assert!(key(r#""email":1"#).is("email"));
    assert!(!key(r#""emai":1"#).is("email"));
    assert!(key(r#""\u0065mail" : 1"#).is("email"));
    assert!(key(r#""a\"b":1"#).is("a\"b"));
    // An escaped key may be any name, so none of its bits may be missing.
    assert_ne!(key(r#""\u0065mail":1"#).mark() & mark(b"email"), 0);
    assert_eq!(key(r#""email":1"#).mark(), mark(b"email"));
}

#[test]
fn every_byte_is_special_where_it_should_be() {
    for byte in 0..=u8::MAX {
        for place in 0..8 {
            let mut bytes = [b'x'; 8];
            bytes[place] = byte;
            let marks = specials(u64::from_le_bytes(bytes));
            if matches!(byte, b'"' | b'\\' | 0..0x20) {
                assert_eq!(marks.trailing_zeros() as usize / 8, place, "{byte:#x}");
            } else {
                assert_eq!(marks, 0, "{byte:#x}");
            }
        }
    }
}

#[test]
fn an_error_says_where() {
    let error = Scanner::new("{\n  \"a\": nil}").skip().unwrap_err();
    assert_eq!((error.line(), error.column()), (2, 9));
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(accepts(&nested(128)));
    assert!(!accepts(&nested(129)));
}
