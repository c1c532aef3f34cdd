//! Reads that Stripe refused, and whether they succeeded since.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::live::service::alarm::Alarm;
use crate::sync::error::SyncError;

/// How long a refusal counts. What is still needed is asked for within half an hour, or when the next event tells of such an
/// object; a permission that another process has seen to be there is not known here.
const COUNTS_FOR: Duration = Duration::from_secs(86_400);

/// What Stripe refused because of the key.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    /// Why the key itself was refused, and when last.
    key: Option<(String, Instant)>,
    /// By resource and account.
    reads: BTreeMap<(String, String), Refusal>,
}

#[derive(Debug)]
struct Refusal {
    permission: Option<String>,
    at: Instant,
}

impl Refusals {
    /// Takes in what came of a read of a resource.
    pub(crate) fn take<T>(&mut self, object: &str, account: &str, read: Result<T, &SyncError>) {
        let error = match read {
            Ok(_) => {
                self.key = None;
                self.reads.remove(&(object.to_owned(), account.to_owned()));
                return;
            }
            Err(error) => error.root(),
        };
        let at = Instant::now();
        match error {
            SyncError::Stripe(refused) if refused.lacks_permission() => {
                let permission = refused.missing_permission().map(str::to_owned);
                let read = (object.to_owned(), account.to_owned());
                self.reads.insert(read, Refusal { permission, at });
            }
            SyncError::Stripe(refused) if refused.is_unauthorized() => {
                self.key = Some((refused.to_string(), at));
            }
            SyncError::UnknownAccount { .. } => self.key = Some((error.to_string(), at)),
            _ => {}
        }
    }

    /// The alarms that follow.
    pub(crate) fn alarms(&mut self) -> Vec<Alarm> {
        let counts = |at: &Instant| at.elapsed() < COUNTS_FOR;
        self.key = self.key.take().filter(|(_, at)| counts(at));
        self.reads.retain(|_, refusal| counts(&refusal.at));
        let key = self.key.iter().map(|(reason, _)| Alarm::KeyRefused {
            reason: reason.clone(),
        });
        let mut alarms: Vec<Alarm> = key.collect();
        // Of one resource together: the permission of a platform's key is for all its accounts.
        let mut by_object = BTreeMap::<&str, Vec<(&str, &Refusal)>>::new();
        for ((object, account), refusal) in &self.reads {
            by_object
                .entry(object)
                .or_default()
                .push((account, refusal));
        }
        alarms.extend(by_object.into_iter().filter_map(|(object, refusals)| {
            let (account, last) = refusals.iter().max_by_key(|(_, refusal)| refusal.at)?;
            Some(Alarm::PermissionLost {
                object: object.to_owned(),
                permission: last.permission.clone(),
                account: (*account).to_owned(),
                accounts: refusals.len() as u64,
            })
        }));
        alarms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ApiError, ClientError, Request, Response};

    fn refused(status: u16, code: &str) -> SyncError {
        let message = "Having the 'rak_customer_read' permission would help.";
        let body = format!(r#"{{"error": {{"code": "{code}", "message": "{message}"}}}}"#);
        let response = Response::new(status, body);
        let error = ApiError::new(&Request::get("/v1/customers/cus_1"), &response, 1);
        ClientError::Api(Box::new(error)).into()
    }

    fn keys(refusals: &mut Refusals) -> Vec<String> {
        refusals.alarms().iter().map(Alarm::key).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_permission_is_lost_until_a_read_succeeds() {
        let mut refusals = Refusals::default();
        let error = refused(403, "more_permissions_required");
        for account in ["acct_1", "acct_2"] {
            refusals.take::<()>("customer", account, Err(&error));
        }
        let expected = Alarm::PermissionLost {
            object: "customer".to_owned(),
            permission: Some("rak_customer_read".to_owned()),
            account: "acct_2".to_owned(),
            accounts: 2,
        };
        assert_eq!(refusals.alarms(), [expected]);
        // Other reads say nothing of it.
        refusals.take("coupon", "acct_1", Ok(()));
        refusals.take("customer", "acct_1", Ok(()));
        assert_eq!(keys(&mut refusals), ["permission_lost customer"]);
        refusals.take("customer", "acct_2", Ok(()));
        assert_eq!(keys(&mut refusals), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_nobody_repeats_ends() {
        let mut refusals = Refusals::default();
        refusals.take::<()>("customer", "acct_1", Err(&refused(401, "api_key_expired")));
        refusals.take::<()>(
            "event",
            "acct_1",
            Err(&refused(403, "more_permissions_required")),
        );
        tokio::time::advance(COUNTS_FOR - Duration::from_secs(1)).await;
        assert_eq!(
            keys(&mut refusals),
            ["key_refused", "permission_lost event"]
        );
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(keys(&mut refusals), [""; 0]);
    }

    #[tokio::test]
    async fn what_is_not_about_the_key_is_no_refusal() {
        let mut refusals = Refusals::default();
        for error in [
            refused(403, "account_invalid"),
            refused(403, "a_gateways_word"),
            refused(429, "rate_limit"),
            refused(500, "more_permissions_required"),
            refused(404, "resource_missing"),
        ] {
            refusals.take::<()>("customer", "acct_1", Err(&error));
        }
        assert_eq!(keys(&mut refusals), [""; 0]);
        refusals.take::<()>("customer", "acct_1", Err(&refused(401, "api_key_expired")));
        assert_eq!(keys(&mut refusals), ["key_refused"]);
        refusals.take("event", "acct_1", Ok(()));
        assert_eq!(keys(&mut refusals), [""; 0]);
    }
}
