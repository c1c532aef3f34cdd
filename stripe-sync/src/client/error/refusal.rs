//! Refusals of a key: what it may not do, and what of it Stripe says.

use super::ClientError;

/// The code of Stripe's refusal of a key that lacks a permission, and of one that has no access to the account.
const LACKS_PERMISSION: &str = "more_permissions_required";
const LACKS_ACCESS: &str = "account_invalid";
/// How the names of the permissions of restricted keys begin.
const PERMISSION: &str = "rak_";

impl ClientError {
    /// Whether Stripe says that the key lacks a permission. A gateway's 403 says nothing of the key.
    pub fn lacks_permission(&self) -> bool {
        self.is_permission()
            && (self.code() == Some(LACKS_PERMISSION) || self.says("required permissions"))
    }

    /// The permission that the key lacks, as Stripe names it: `rak_customer_read`. `None` if Stripe names none.
    pub fn missing_permission(&self) -> Option<&str> {
        let message = self.message().filter(|_| self.lacks_permission())?;
        let named = &message[message.find(PERMISSION)?..];
        let end = named.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        let named = &named[..end.unwrap_or(named.len())];
        (named.len() > PERMISSION.len()).then_some(named)
    }

    /// Whether Stripe says that the key has no access to an account, or that there is none.
    pub(crate) fn lacks_access(&self) -> bool {
        self.is_permission()
            && (self.code() == Some(LACKS_ACCESS) || self.says("does not have access to account"))
    }

    fn says(&self, words: &str) -> bool {
        self.message()
            .is_some_and(|message| message.contains(words))
    }

    fn message(&self) -> Option<&str> {
        self.api()?.message.as_deref()
    }
}
