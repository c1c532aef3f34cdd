//! Whose data a key reads: the account and the mode, learned before the first write.

use serde::Deserialize;

use crate::client::{Meter, Request, Stripe};
use crate::store::Scope;

use super::SyncError;

/// The account and mode that the user set, which spares the question.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownScope {
    pub(crate) account: Option<String>,
    pub(crate) livemode: Option<bool>,
}

/// What Stripe or the user says of the key.
#[derive(Debug, Clone)]
pub(crate) struct Learned {
    pub(crate) scope: Scope,
    /// When the account was created, in unix seconds, if it was asked for: no object of it is older.
    pub(crate) created: Option<i64>,
}

/// Asks Stripe for what the user did not say.
///
/// # Errors
/// When the key may not ask, or does not say its mode.
pub(crate) async fn learn(stripe: &Stripe, known: &KnownScope) -> Result<Learned, SyncError> {
    #[derive(Deserialize)]
    struct Account {
        id: String,
        created: Option<i64>,
    }
    let mut created = None;
    let livemode = known
        .livemode
        .or_else(|| stripe.mode().map(|mode| mode.livemode()))
        .ok_or_else(|| SyncError::UnknownAccount {
            reason: "the transport does not say whether its key is a live or a test key".to_owned(),
        })?;
    let account = match known.account.as_deref().or(stripe.account()) {
        Some(account) => account.to_owned(),
        None => {
            let answer = stripe.get(Request::get("/v1/account"), &Meter::new()).await;
            let response = answer.map_err(|error| {
                if error.is_permission() {
                    SyncError::UnknownAccount {
                        reason: error.to_string(),
                    }
                } else {
                    error.into()
                }
            })?;
            let answer = serde_json::from_slice::<Account>(&response.body);
            let answer = answer.map_err(|error| SyncError::UnknownAccount {
                reason: format!("/v1/account answered {error}"),
            })?;
            created = answer.created;
            answer.id
        }
    };
    Ok(Learned {
        scope: Scope { account, livemode },
        created,
    })
}
