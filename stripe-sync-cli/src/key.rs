//! Stripe's secret key, wherever it is.

use crate::failure::Failure;
use crate::settings::{KeyPlace, Origin, SECRET_KEY, Setting};

/// Returns the key.
///
/// # Errors
/// When there is none, or its file cannot be read.
pub(crate) fn read(place: &Setting<KeyPlace>) -> Result<String, Failure> {
    let key = match &place.value {
        KeyPlace::Given(key) => key.trim().to_owned(),
        KeyPlace::File(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::no_access(format!(
                    "the key file {} cannot be read: {error}",
                    path.display()
                ))
                .next("check the path and who may read it")
            })?;
            text.trim().to_owned()
        }
        KeyPlace::Nowhere => {
            return Err(
                Failure::no_access("there is no key for Stripe").next(format!(
                    "set {SECRET_KEY}, or name a file that has it with `--api-key-file`"
                )),
            );
        }
    };
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(Failure::no_access(format!(
            "expected a key of Stripe's, such as sk_test_…, got {} ({})",
            if key.is_empty() {
                "nothing"
            } else {
                "a text with white space"
            },
            place.origin
        ))
        .next("copy it from https://dashboard.stripe.com/apikeys"));
    }
    if place.origin == Origin::Flag("--api-key") {
        tracing::warn!(
            name: "stripe_sync.key_on_command_line",
            "other users of this machine can see a key on the command line: use {SECRET_KEY} or `--api-key-file`"
        );
    }
    Ok(key)
}
