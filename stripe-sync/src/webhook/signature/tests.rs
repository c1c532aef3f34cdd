use crate::webhook::signature::*;

/// An hour in 2026.
const NOW: i64 = 1_790_000_000;

const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::new(text).unwrap()
}

fn verifier() -> WebhookVerifier {
    WebhookVerifier::new(secret("whsec_new"))
}

/// The hexadecimal digits alone.
fn v1(key: &str, at: i64, body: &[u8]) -> String {
    let header = secret(key).sign(at, body);
    header.split_once(",v1=").unwrap().1.to_owned()
}

fn no_match(signatures: usize) -> Result<(), SignatureError> {
    Err(SignatureError::NoMatch {
        signatures,
        secrets: 1,
    })
}

fn malformed(part: MalformedPart) -> Result<(), SignatureError> {
    Err(SignatureError::Malformed { part })
}

#[test]
fn a_signature_is_the_one_that_another_program_computed() {
    // Python's hmac, over the same bytes.
    let expected =
        "t=1790000000,v1=bd5088fb0b17231ffaa4ee88cd93cb1cb4f4058d2559946ecc5da910bf0862f7";
    let body = "{\"name\": \"Zoë ☂\"}\n".as_bytes();
    assert_eq!(secret("whsec_known_answer").sign(NOW, body), expected);
}

#[test]
fn what_is_signed_verifies_and_nothing_else_does() {
    let header = secret("whsec_new").sign(NOW, BODY);
    assert_eq!(verifier().verify(&header, BODY, NOW), Ok(()));
    let other = WebhookVerifier::new(secret("whsec_other"));
    assert_eq!(other.verify(&header, BODY, NOW), no_match(1));
    let later = header.replace("t=1790000000", "t=1790000001");
    assert_eq!(verifier().verify(later, BODY, NOW), no_match(1));
    // Every bit of the body counts.
    for at in 0..BODY.len() * 8 {
        let mut changed = BODY.to_vec();
        changed[at / 8] ^= 1 << (at % 8);
        assert_eq!(verifier().verify(&header, &changed, NOW), no_match(1));
    }
    assert_eq!(verifier().verify(&header, b"", NOW), no_match(1));
}

#[test]
fn the_body_is_bytes() {
    let pretty = "{\n  \"id\": \"evt_1\",\n  \"name\": \"Zoë ☂ \\u00e9\"\n}";
    let bodies: [&[u8]; 4] = [pretty.as_bytes(), b"", b"\xff\xfe\0", b"\r\n{}\r\n"];
    for body in bodies {
        let header = secret("whsec_new").sign(NOW, body);
        assert_eq!(verifier().verify(&header, body, NOW), Ok(()));
    }
    let header = secret("whsec_new").sign(NOW, pretty.as_bytes());
    let value: serde_json::Value = serde_json::from_str(pretty).unwrap();
    let again = serde_json::to_vec(&value).unwrap();
    assert_eq!(verifier().verify(header, &again, NOW), no_match(1));
}

#[test]
fn any_signature_and_any_secret_may_match() {
    let (old, new) = (v1("whsec_old", NOW, BODY), v1("whsec_new", NOW, BODY));
    for header in [
        format!("t={NOW},v1={old},v1={new}"),
        format!("t={NOW},v1={new},v1={old}"),
        format!("v1={new},t={NOW}"),
        format!("v0={old},v2=later,t={NOW},x,,v1=,v1={new},v0={old}"),
    ] {
        assert_eq!(verifier().verify(&header, BODY, NOW), Ok(()), "{header}");
    }
    let both = WebhookVerifier::new(secret("whsec_account")).or(secret("whsec_connect"));
    for key in ["whsec_account", "whsec_connect"] {
        let header = secret(key).sign(NOW, BODY);
        assert_eq!(both.verify(header, BODY, NOW), Ok(()));
    }
    assert_eq!(
        both.verify(secret("whsec_new").sign(NOW, BODY), BODY, NOW),
        Err(SignatureError::NoMatch {
            signatures: 1,
            secrets: 2
        })
    );
}

#[test]
fn only_v1_in_lower_case_is_a_signature() {
    let v1 = v1("whsec_new", NOW, BODY);
    let verify = |header: String| verifier().verify(header, BODY, NOW);
    assert_eq!(
        verify(format!("t={NOW},v0={v1}")),
        Err(SignatureError::NoV1)
    );
    assert_eq!(
        verify(format!("t={NOW},V1={v1}")),
        Err(SignatureError::NoV1)
    );
    assert_eq!(
        verify(format!("t={NOW}, v1={v1}")),
        Err(SignatureError::NoV1)
    );
    assert_eq!(verify(format!("t={NOW}")), Err(SignatureError::NoV1));
    for wrong in [
        v1.to_uppercase(),
        format!(" {v1}"),
        format!("{v1} "),
        format!("{v1}="),
        format!("{v1}00"),
        format!("0x{v1}"),
        v1[2..].to_owned(),
        v1[1..].to_owned(),
        format!("g{}", &v1[1..]),
        "é".repeat(32),
        String::new(),
    ] {
        assert_eq!(verify(format!("t={NOW},v1={wrong}")), no_match(1));
    }
}

#[test]
fn a_malformed_header_says_what_is_wrong() {
    let verify = |header: &[u8]| verifier().verify(header, BODY, NOW);
    assert_eq!(verify(b""), Err(SignatureError::Missing));
    for header in [
        &b" "[..],
        b",",
        b"=",
        b"v1=00",
        b"T=5,v1=00",
        b" t=5,v1=00",
        b"\xff\xfe",
        b"v0=0",
        b"null",
    ] {
        assert_eq!(verify(header), malformed(MalformedPart::NoTimestamp));
    }
    for timestamp in [
        &b""[..],
        b"now",
        b"1790000000.5",
        b" 1790000000",
        b"1790000000 ",
        b"1_790_000_000",
        b"0x6ab1",
        b"9223372036854775808",
        b"-9223372036854775809",
        b"=1790000000",
        b"\xff",
        "١٧٩".as_bytes(),
        b"1790000000\0",
    ] {
        let header = [b"t=", timestamp, b",v1=00"].concat();
        assert_eq!(verify(&header), malformed(MalformedPart::Timestamp));
    }
    for header in [&b"t"[..], b"t,v1=00", b"t=5,v1", b"t=5,t,v1=00", b"v1,t=5"] {
        assert_eq!(verify(header), malformed(MalformedPart::NoValue));
    }
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let signed = secret("whsec_new").sign(NOW, BODY);
    let header = [b"\xff\xfe=\x80,", signed.as_bytes(), b",v1=\xc3\x28"].concat();
    assert_eq!(verifier().verify(header, BODY, NOW), Ok(()));
}

#[test]
fn the_first_time_counts() {
    let v1 = v1("whsec_new", NOW, BODY);
    let verify = |header: String| verifier().verify(header, BODY, NOW);
    assert_eq!(verify(format!("t={NOW},t=5,v1={v1}")), Ok(()));
    assert_eq!(verify(format!("t={NOW},v1={v1},t=never")), Ok(()));
    assert_eq!(verify(format!("t=5,t={NOW},v1={v1}")), no_match(1));
}

#[test]
fn five_minutes_are_the_greatest_age() {
    let aged = |age: i64, verifier: WebhookVerifier| {
        let header = secret("whsec_new").sign(NOW - age, BODY);
        verifier.verify(header, BODY, NOW)
    };
    let too_old = |age, tolerance| Err(SignatureError::TooOld { age, tolerance });
    assert_eq!(aged(300, verifier()), Ok(()));
    assert_eq!(aged(301, verifier()), too_old(301, 300));
    assert_eq!(aged(-1_000_000, verifier()), Ok(()), "a future time");

    let minute = || verifier().tolerance(Duration::from_secs(60));
    assert_eq!(aged(60, minute()), Ok(()));
    assert_eq!(aged(61, minute()), too_old(61, 60));
    assert_eq!(aged(NOW, verifier().tolerance(Duration::ZERO)), Ok(()));
    let short = || verifier().tolerance(Duration::from_millis(1));
    assert_eq!(aged(1, short()), Ok(()));
    assert_eq!(aged(2, short()), too_old(2, 1));
    assert_eq!(aged(NOW, verifier().tolerance(Duration::MAX)), Ok(()));
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for (signed, now) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MIN, 0)] {
        let header = secret("whsec_new").sign(signed, BODY);
        let verified = verifier().verify(header, BODY, now);
        assert_eq!(verified.is_ok(), signed > now, "{verified:?}");
    }
}

#[test]
fn the_signature_is_judged_before_the_age() {
    let header = secret("whsec_other").sign(NOW - 1_000, BODY);
    assert_eq!(verifier().verify(header, BODY, NOW), no_match(1));
}

#[test]
fn ten_thousand_signatures_cost_one_hash_a_secret() {
    let wrong = v1("whsec_old", NOW, BODY);
    let flood = format!("t={NOW}{}", format!(",v1={wrong}").repeat(10_000));
    assert_eq!(verifier().verify(&flood, BODY, NOW), no_match(10_000));
    let right = format!("{flood},v1={}", v1("whsec_new", NOW, BODY));
    assert_eq!(verifier().verify(&right, BODY, NOW), Ok(()));

    // Hashed once an entry, a body of a megabyte would take minutes.
    let body = vec![b'a'; 1 << 20];
    let started = std::time::Instant::now();
    assert_eq!(verifier().verify(&flood, &body, NOW), no_match(10_000));
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn what_cannot_be_a_secret_is_refused() {
    for empty in ["", " ", "\r\n"] {
        assert_eq!(WebhookSecret::new(empty).unwrap_err(), SecretError::Empty);
    }
    for (text, prefix) in [("sk_live_abc", "sk_"), (" rk_test_abc", "rk_")] {
        let error = WebhookSecret::new(text).unwrap_err();
        assert_eq!(error, SecretError::Mistaken { prefix });
        assert!(!error.to_string().contains("abc"));
    }
    let pasted = WebhookVerifier::new(secret("whsec_new\n"));
    let header = secret("whsec_new").sign(NOW, BODY);
    assert_eq!(pasted.verify(header, BODY, NOW), Ok(()));
}

#[test]
fn a_secret_is_never_printed() {
    let verifier = WebhookVerifier::new(secret("whsec_hunter2"));
    let printed = format!("{verifier:?} {:#?}", secret("whsec_hunter2"));
    assert!(!printed.contains("hunter"), "{printed}");
    let error = verifier.verify("t=1,v1=00", BODY, NOW).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter"));
}
