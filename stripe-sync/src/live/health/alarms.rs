//! What is wrong is looked for, and told.

use std::time::Duration;

use chrono::Utc;

use crate::calls::call;
use crate::live::service::Live;
use crate::live::service::alarm::{Alarm, AlarmState, AlarmUpdate};
use crate::model::Model;
use crate::store::db::Scope;
use crate::store::events::EventState;
use crate::store::events::cursor::Cursor;
use crate::stripe_time::utc;
use crate::sync::error::SyncError;
use crate::sync::verify::history::{LastWord, last_word};
use crate::sync::{Verification, VerificationCounts};

/// Stripe's name of the resource that says whose key it is.
const ACCOUNT: &str = "account";

impl Live {
    /// Looks whether anything is wrong, and tells what is new about it to the function of
    /// [`on_alarm`](crate::live::LiveBuilder::on_alarm) and to the log. Returns the alarms that hold now.
    /// [`run`](Self::run) does so every minute.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. What can be known without them is told.
    pub async fn check_alarms(&self) -> Result<Vec<Alarm>, SyncError> {
        // One after the other, so that each is told once.
        let mut raised = self.shared.raised.lock().await;
        let of_database = self.alarms_of_database(raised.has(LAG)).await;
        let mut holding = self.alarms_of_process();
        let failure = match of_database {
            Ok(alarms) => {
                holding.extend(alarms);
                None
            }
            Err(error) => Some(error),
        };
        let repeat_every = self.shared.alarm_limits.repeat_every;
        for update in raised.take(holding, failure.is_none(), repeat_every) {
            self.tell(&update);
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(raised.alarms().cloned().collect()),
        }
    }

    /// What follows from what this process has seen.
    fn alarms_of_process(&self) -> Vec<Alarm> {
        self.shared.observed.refusals().alarms()
    }

    /// What follows from the bookkeeping.
    async fn alarms_of_database(&self, lagged: bool) -> Result<Vec<Alarm>, SyncError> {
        let own = match self.prepare().await {
            Ok(own) => own,
            Err(error) => {
                let mut refusals = self.shared.observed.refusals();
                refusals.take::<()>(ACCOUNT, "", Err(&error));
                drop(refusals);
                return Err(error);
            }
        };
        let (store, mut alarms) = (self.store(), Vec::new());
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let (lag, dead) = store.lag_and_count(own.livemode, EventState::Dead).await?;
        let (lag, events) = (Duration::from_millis(count(lag)), count(dead));
        if is_late(lag, self.shared.alarm_limits.lag, lagged) {
            alarms.push(Alarm::Lag { lag });
        }
        if events > 0 {
            alarms.push(Alarm::DeadLetters { events });
        }
        let (_, calls) = store.count_messages(own.livemode).await?;
        if calls > 0 {
            let calls = count(calls);
            alarms.push(Alarm::NeverDelivered { calls });
        }
        alarms.extend(self.not_followed(&own).await?);
        alarms.extend(self.not_received(&own).await?);
        for (_, found) in self.verified(&own).await? {
            let tables = found.drift.iter().flat_map(unequal);
            alarms.extend(tables.map(|(model, table, counts)| Alarm::Drift {
                model: model.to_owned(),
                table: table.to_owned(),
                counts,
            }));
        }
        Ok(alarms)
    }

    /// The accounts whose lists of events were not followed for too long.
    async fn not_followed(&self, own: &Scope) -> Result<Option<Alarm>, SyncError> {
        let mut accounts = self.shared.observed.lists().failing();
        accounts.insert(own.account.clone());
        let limit = seconds(self.shared.alarm_limits.followed_within);
        let here = Utc::now().timestamp();
        let mut old = Vec::new();
        for account in accounts {
            let livemode = own.livemode;
            let scope = Scope { account, livemode };
            // What was never followed is not followed: a service without this process's `run`.
            let Some(until) = self.store().followed_until(&scope).await? else {
                continue;
            };
            let now = self.shared.observed.lists().now(&scope.account, here);
            let age = now.saturating_sub(until);
            if age > limit {
                old.push((age, scope.account));
            }
        }
        let accounts = old.len() as u64;
        Ok(old
            .into_iter()
            .max()
            .map(|(age, account)| Alarm::FollowPointOld {
                account,
                accounts,
                age: Duration::from_secs(u64::try_from(age).unwrap_or_default()),
            }))
    }

    /// The accounts of which events are needed and not delivered, the key's own and connected ones.
    async fn not_received(&self, own: &Scope) -> Result<Vec<Alarm>, SyncError> {
        let Some(within) = self.shared.alarm_limits.received_within.map(seconds) else {
            return Ok(Vec::new());
        };
        let accounts = self.shared.observed.lists().needing();
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let delivered = self
            .store()
            .cursors(own.livemode, Cursor::Delivered)
            .await?;
        // Where nothing was ever delivered, a secret says that something will be: of the key's own account, for one.
        let expects_own = self.shared.verifier.is_some() && delivered.is_empty();
        let mut missing = [Vec::new(), Vec::new()];
        let mut lists = self.shared.observed.lists();
        for account in accounts {
            let delivered = delivered.get(&account).copied();
            let since = lists.not_received(&account, delivered, within);
            let is_own = account == own.account;
            let is_expected = delivered.is_some() || is_own && expects_own;
            if let Some(since) = since.filter(|_| is_expected) {
                missing[usize::from(!is_own)].push((since, account));
            }
        }
        let alarms = missing.into_iter().zip([false, true]);
        let alarms = alarms.filter_map(|(missing, connected)| {
            let accounts = missing.len() as u64;
            let (since, account) = missing.into_iter().min()?;
            Some(Alarm::NothingReceived {
                account,
                connected,
                accounts,
                since: utc(since),
            })
        });
        Ok(alarms.collect())
    }

    /// What verifications found of the tables, by model. Children are verified with their parents.
    pub(crate) async fn verified(
        &self,
        own: &Scope,
    ) -> Result<Vec<(&'static Model, LastWord)>, SyncError> {
        let mut verified = Vec::new();
        for model in self.verified_models() {
            let found = last_word(self.store(), model, own).await?;
            verified.extend(found.map(|found| (model, found)));
        }
        Ok(verified)
    }

    fn tell(&self, update: &AlarmUpdate) {
        let (alarm, state) = (update.alarm.key(), update.state);
        match state {
            AlarmState::Cleared => {
                tracing::info!(name: "stripe_sync.alarm", alarm, %state, "{update}");
            }
            _ => tracing::warn!(name: "stripe_sync.alarm", alarm, %state, "{update}"),
        }
        let Some(on_alarm) = &self.shared.on_alarm else {
            return;
        };
        if let Err(error) = call(|| on_alarm(update)) {
            tracing::error!(name: "stripe_sync.alarm_not_told", alarm, %error, "the function for alarms panicked");
        }
    }
}

/// The tables that a verification found not to be as Stripe has them, each with its model.
pub(crate) fn unequal(
    found: &Verification,
) -> impl Iterator<Item = (&str, &str, VerificationCounts)> {
    let own = (&*found.model, &*found.table, found.counts);
    let children = found.children.iter();
    let children = children.map(|child| (&*child.model, &*child.table, child.counts));
    let tables = [own].into_iter().chain(children);
    tables.filter(|(_, _, counts)| !counts.is_equal())
}

/// The key of the alarm of this name.
const LAG: &str = "lag";

/// Whether a lag is an alarm. One that holds is over at half of the limit, so that it is not told again and again.
fn is_late(lag: Duration, limit: Duration, lagged: bool) -> bool {
    match lagged {
        true => lag >= limit / 2,
        false => lag > limit,
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_over_at_half_of_its_limit() {
        let late = |minutes: u64, lagged| {
            let limit = Duration::from_secs(600);
            is_late(Duration::from_secs(minutes * 60), limit, lagged)
        };
        assert_eq!(
            [9, 10, 11].map(|lag| late(lag, false)),
            [false, false, true]
        );
        assert_eq!(
            [11, 6, 5, 4].map(|lag| late(lag, true)),
            [true, true, true, false]
        );
        assert_eq!(
            Alarm::Lag {
                lag: Duration::ZERO
            }
            .key(),
            LAG
        );
    }
}
