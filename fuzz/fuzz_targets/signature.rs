//! The header `Stripe-Signature`: whatever bytes come, and what `sign` made with whatever around it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stripe_sync::webhook::{SignatureError, WebhookSecret, WebhookVerifier};

/// The length of the signed time in the input.
const TIME_BYTES: usize = 8;

fuzz_target!(|input: &[u8]| {
    let Some((time, rest)) = input.split_first_chunk::<TIME_BYTES>() else {
        return;
    };
    let time = i64::from_le_bytes(*time);
    let at = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(rest.len());
    let (header, body) = rest.split_at(at);
    let Ok(secret) = WebhookSecret::new("whsec_of_the_fuzzer") else {
        return;
    };
    let verifier = WebhookVerifier::new(secret.clone());

    // Nobody signed this header.
    assert!(verifier.verify(header, body, time).is_err());

    // What is signed verifies, at the edges of its age as well.
    let signed = secret.sign(time, body);
    assert_eq!(verifier.verify(&signed, body, time), Ok(()));
    assert_eq!(
        verifier.verify(&signed, body, time.saturating_add(300)),
        Ok(())
    );
    if let Some(late) = time.checked_add(301) {
        let verified = verifier.verify(&signed, body, late);
        assert!(matches!(
            verified,
            Err(SignatureError::TooOld {
                age: 301,
                tolerance: 300
            })
        ));
    }

    // Another body, another secret.
    assert!(
        verifier
            .verify(&signed, &[body, b" "].concat(), time)
            .is_err()
    );
    let other = WebhookSecret::new("whsec_of_another").map(WebhookVerifier::new);
    assert!(other.is_ok_and(|other| other.verify(&signed, body, time).is_err()));

    // Entries that follow change nothing, unless they are none.
    let followed = [signed.as_bytes(), b",", header].concat();
    match verifier.verify(followed, body, time) {
        Ok(()) | Err(SignatureError::Malformed { .. }) => {}
        Err(error) => panic!("{error}"),
    }
});
