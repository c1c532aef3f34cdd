//! Whose data a key reads: the account and the mode, learned and checked before the first write.

use serde::Deserialize;

use crate::client::{Meter, Request, Stripe};
use crate::store::db::Scope;

use crate::sync::error::SyncError;

/// Stripe's name of the resource that `/v1/account` answers.
const ACCOUNT: &str = "account";

/// The account and mode that are known without asking.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownScope {
    pub(crate) account: Option<String>,
    pub(crate) livemode: Option<bool>,
    /// Whether the user says so, who may err: then Stripe is asked.
    pub(crate) claimed: bool,
}

impl KnownScope {
    /// Whether the data is live.
    pub(crate) fn mode(&self, stripe: &Stripe) -> Option<bool> {
        let key = || stripe.mode().map(|mode| mode.livemode());
        self.livemode.or_else(key)
    }

    /// Whether Stripe is asked for the account.
    pub(crate) fn is_asked_for(&self, stripe: &Stripe) -> bool {
        self.claimed || self.account.is_none() && stripe.account().is_none()
    }
}

/// What Stripe or the user says of the key.
#[derive(Debug, Clone)]
pub(crate) struct Learned {
    pub(crate) scope: Scope,
    /// When the account was created, in unix seconds, if Stripe said so: no object of it is older.
    pub(crate) created: Option<i64>,
}

/// Asks Stripe for what the user did not say, and whether it is as the user says.
///
/// # Errors
/// When the user's claim is wrong; when the key may not ask and nothing is claimed, or does not say its mode; when Stripe
/// cannot be reached.
pub(crate) async fn learn(stripe: &Stripe, known: &KnownScope) -> Result<Learned, SyncError> {
    let key = stripe.mode().map(|mode| mode.livemode());
    let unknown = |reason| SyncError::UnknownAccount { reason };
    let no_mode = "the transport does not say whether its key is a live or a test key";
    let livemode = known.mode(stripe);
    let livemode = livemode.ok_or_else(|| unknown(no_mode.to_owned()))?;
    if let Some(key) = key.filter(|key| *key != livemode) {
        return Err(SyncError::WrongClaim {
            claimed: data_of(livemode).to_owned(),
            found: data_of(key).to_owned(),
        });
    }
    let learned = |account: String, created| Learned {
        scope: Scope { account, livemode },
        created,
    };
    let claim = known.account.as_deref();
    // Stripe answers as the account of the header, or not at all.
    if let (false, Some(account)) = (known.is_asked_for(stripe), claim.or(stripe.account())) {
        return Ok(learned(account.to_owned(), None));
    }
    let answer = stripe.get(Request::get("/v1/account"), &Meter::new()).await;
    let (found, created) = match (answer, claim) {
        (Ok(response), _) => {
            let account = serde_json::from_slice::<Account>(&response.body)
                .map_err(|error| unknown(format!("/v1/account answered {error}")))?;
            // Rows are told apart by it, so the id of anything else would be kept with them.
            if account.object != ACCOUNT {
                return Err(unknown(format!(
                    "/v1/account answered another object than `{ACCOUNT}`"
                )));
            }
            (account.id, account.created)
        }
        (Err(error), Some(claim)) if error.lacks_access() => {
            return Err(SyncError::NoAccess {
                claimed: claim.to_owned(),
                reason: error.to_string(),
            });
        }
        // A claim is for keys that may not ask. Whose key it is may stand in the refusal.
        (Err(error), Some(claim)) if error.lacks_permission() => {
            let named = error.api().and_then(|error| error.message.as_deref());
            let named = named.and_then(named_account).unwrap_or(claim);
            (named.to_owned(), None)
        }
        (Err(error), None) if error.is_permission() => {
            return Err(unknown(error.to_string()));
        }
        (Err(error), _) => return Err(error.into()),
    };
    match claim.filter(|claim| *claim != found) {
        Some(claim) => Err(SyncError::WrongClaim {
            claimed: claim.to_owned(),
            found,
        }),
        None => Ok(learned(found, created)),
    }
}

/// What `/v1/account` answers, as far as it is read.
#[derive(Deserialize)]
struct Account {
    id: String,
    object: String,
    created: Option<i64>,
}

fn data_of(livemode: bool) -> &'static str {
    match livemode {
        true => "live data",
        false => "test data",
    }
}

/// The account that a refusal names, unless it is masked: `… on account 'acct_1'. Having the …`.
fn named_account(message: &str) -> Option<&str> {
    let (_, named) = message.split_once("on account ")?;
    let named = named.trim_start_matches(['\'', '"', '`']);
    let end = named
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .unwrap_or(named.len());
    let (id, rest) = named.split_at(end);
    let after = rest.trim_start_matches(['\'', '"', '`']);
    // Not the first of several points.
    let after = after
        .strip_prefix(['.', ',', ';', ':', ')'])
        .unwrap_or(after);
    let ends = after.is_empty() || after.starts_with(char::is_whitespace);
    let is_id = id
        .strip_prefix("acct_")
        .is_some_and(|rest| !rest.is_empty());
    (ends && is_id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::named_account;

    #[test]
    fn only_a_whole_id_is_read_from_a_refusal() {
        let key = "The provided key 'rk_test_*********abcd' does not have the required permissions for this endpoint on account";
        for (named, expected) in [
            (
                "'acct_1A2b'. Having the 'rak_account_read' permission",
                Some("acct_1A2b"),
            ),
            ("acct_1A2b. Having", Some("acct_1A2b")),
            ("acct_1A2b", Some("acct_1A2b")),
            ("`acct_1A2b`, see", Some("acct_1A2b")),
            ("'acct_1A****2b'.", None),
            ("'acct_***2b'.", None),
            ("'acct_1A…'.", None),
            ("acct_1A... Having", None),
            ("acct_", None),
            ("'cus_1'", None),
        ] {
            assert_eq!(
                named_account(&format!("{key} {named}")),
                expected,
                "{named}"
            );
        }
        assert_eq!(named_account("Permission denied"), None);
    }
}
