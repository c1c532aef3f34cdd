//! Whether a subscription is active, or on trial.

use stripe_sync::reexport::chrono::{DateTime, Utc};

use crate::Subscription;

/// The statuses in which the customer is to have what was bought.
const ACTIVE: [&str; 2] = ["active", "trialing"];
/// The status of a subscription that has ended.
const CANCELED: &str = "canceled";

impl Subscription {
    /// Whether the customer has the subscription at a moment: it has begun, has not ended, and is `active` or `trialing`.
    ///
    /// A subscription that was canceled since counts until it ended. One that is past due, unpaid, paused or incomplete does not
    /// count, and neither does one after the moment at which it is to be canceled. Whether you go on to provide what a payment
    /// is late for is yours to decide: the status `past_due` says so.
    ///
    /// Source: <https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses>
    ///
    /// ```
    /// use stripe_sync::reexport::chrono::{TimeDelta, Utc};
    /// use stripe_sync_models::Subscription;
    ///
    /// let now = Utc::now();
    /// let mut subscription = Subscription::default();
    /// subscription.status = Some("active".to_owned());
    /// subscription.start_date = Some(now - TimeDelta::days(40));
    /// subscription.cancel_at = Some(now + TimeDelta::days(20));
    /// assert!(subscription.is_active(now));
    /// assert!(!subscription.is_active(now + TimeDelta::days(20)));
    /// ```
    pub fn is_active(&self, at: DateTime<Utc>) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        let is_canceled = status == CANCELED && self.ended_at.is_some();
        let has_begun = self.start_date.is_none_or(|start| start <= at);
        let ends = [self.ended_at, self.cancel_at, self.deleted_at];
        let has_ended = ends.into_iter().flatten().any(|end| end <= at);
        (ACTIVE.contains(&status) || is_canceled) && has_begun && !has_ended
    }

    /// Whether the subscription is active at a moment, and on trial: what it costs then is not due.
    pub fn is_trialing(&self, at: DateTime<Utc>) -> bool {
        let (Some(start), Some(end)) = (self.trial_start, self.trial_end) else {
            return false;
        };
        self.is_active(at) && start <= at && at < end
    }
}

#[cfg(test)]
mod tests {
    use stripe_sync::reexport::chrono::{DateTime, TimeDelta, Utc};

    use crate::Subscription;

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn subscription(status: &str) -> Subscription {
        Subscription {
            status: Some(status.to_owned()),
            start_date: Some(day(10)),
            ..Subscription::default()
        }
    }

    #[test]
    fn the_status_decides() {
        let active = [
            ("active", true),
            ("trialing", true),
            ("past_due", false),
            ("unpaid", false),
            ("paused", false),
            ("incomplete", false),
            ("incomplete_expired", false),
            ("canceled", false),
            ("", false),
        ];
        for (status, expected) in active {
            assert_eq!(
                subscription(status).is_active(day(20)),
                expected,
                "{status}"
            );
        }
        assert!(!Subscription::default().is_active(day(20)));
    }

    #[test]
    fn it_begins_and_ends() {
        let mut one = subscription("active");
        assert!(!one.is_active(day(9)) && one.is_active(day(10)));
        one.cancel_at = Some(day(30));
        assert!(one.is_active(day(29)) && !one.is_active(day(30)));
        let mut canceled = subscription("canceled");
        canceled.ended_at = Some(day(30));
        // The end that was planned does not lengthen it.
        canceled.cancel_at = Some(day(40));
        assert!(canceled.is_active(day(29)) && !canceled.is_active(day(30)));
        // It never became active.
        let mut expired = subscription("incomplete_expired");
        expired.ended_at = Some(day(30));
        assert!(!expired.is_active(day(29)));
        let mut deleted = subscription("active");
        deleted.deleted_at = Some(day(30));
        assert!(!deleted.is_active(day(30)));
    }

    #[test]
    fn a_trial_is_part_of_it() {
        let mut one = subscription("trialing");
        assert!(!one.is_trialing(day(12)));
        one.trial_start = Some(day(10));
        one.trial_end = Some(day(17));
        assert!(one.is_trialing(day(10)) && one.is_trialing(day(16)));
        assert!(!one.is_trialing(day(17)) && one.is_active(day(17)));
        one.ended_at = Some(day(12));
        one.status = Some("canceled".to_owned());
        assert!(one.is_trialing(day(11)) && !one.is_trialing(day(12)));
        one.status = Some("paused".to_owned());
        assert!(!one.is_trialing(day(11)));
    }
}
