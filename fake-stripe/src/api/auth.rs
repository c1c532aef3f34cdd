//! Keys: what a request may see.

use std::collections::{HashMap, HashSet};

use crate::api::errors::ApiError;
use crate::data::partition::{Account, Scope};
use crate::state::accounts::Key;

/// What the keys of test mode begin with.
const TEST_PREFIXES: [&str; 2] = ["sk_test_", "rk_test_"];

/// Whom a request speaks for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) scope: Scope,
    pub(crate) permissions: Option<HashSet<String>>,
    /// For error messages, which show it masked.
    key: String,
}

impl Caller {
    /// Finds the caller from the `Authorization` and `Stripe-Account` headers. `any_test_key` is what keys of test mode open
    /// that were never issued.
    pub(crate) fn identify(
        keys: &HashMap<String, Key>,
        any_test_key: Option<&Scope>,
        accounts: &HashMap<String, Account>,
        authorization: Option<&str>,
        stripe_account: Option<&str>,
    ) -> Result<Self, ApiError> {
        let text = authorization
            .and_then(secret)
            .ok_or_else(ApiError::missing_key)?;
        let not_issued = any_test_key
            .filter(|_| is_of_test_mode(&text))
            .map(|scope| Key {
                scope: scope.clone(),
                permissions: None,
            });
        let key = keys.get(&text).or(not_issued.as_ref());
        let key = key.ok_or_else(|| ApiError::wrong_key(&text))?;
        let account = match stripe_account {
            None => &key.scope.account,
            Some(id) if *id == *key.scope.account => &key.scope.account,
            Some(id) => match accounts.get_key_value(id) {
                Some((id, account)) if account.platform.as_deref() == Some(&key.scope.account) => {
                    id
                }
                _ => return Err(ApiError::no_access(&text, id)),
            },
        };
        let scope = Scope {
            account: account.clone(),
            mode: key.scope.mode,
        };
        Ok(Self {
            scope,
            permissions: key.permissions.clone(),
            key: text,
        })
    }

    /// Someone who may read everything of an account and mode.
    pub(crate) fn owner(scope: Scope) -> Self {
        Self {
            scope,
            permissions: None,
            key: String::new(),
        }
    }

    /// Whether the key may read objects of this name.
    pub(crate) fn may_read(&self, object: &str) -> bool {
        self.permissions
            .as_ref()
            .is_none_or(|objects| objects.contains(object))
    }

    pub(crate) fn check(&self, object: &str) -> Result<(), ApiError> {
        if self.may_read(object) {
            Ok(())
        } else {
            Err(ApiError::no_permission(
                &self.key,
                &self.scope.account,
                object,
            ))
        }
    }
}

fn is_of_test_mode(key: &str) -> bool {
    let mut rests = TEST_PREFIXES.iter().map(|prefix| key.strip_prefix(prefix));
    rests.any(|rest| rest.is_some_and(|rest| !rest.is_empty()))
}

/// The key of a Bearer header, or the user name of a Basic one.
fn secret(header: &str) -> Option<String> {
    let (scheme, value) = header.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return (!value.is_empty()).then(|| value.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(base64(value)?).ok()?;
    pair.split(':')
        .next()
        .filter(|user| !user.is_empty())
        .map(str::to_owned)
}

/// Standard base64, padding optional.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes() {
        assert_eq!(secret("Bearer sk_test_1").as_deref(), Some("sk_test_1"));
        assert_eq!(
            secret("Basic c2tfdGVzdF8xOg==").as_deref(),
            Some("sk_test_1")
        );
        assert_eq!(secret("Digest x"), None);
        assert_eq!(secret("Bearer "), None);
        assert_eq!(secret("Basic !"), None);
    }
}
