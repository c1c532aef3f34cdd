//! Alarms: what a person has to know and to do something about.

pub(crate) mod limits;
pub(crate) mod raised;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::words::words;
use crate::store::rows::remarks::failed::as_rfc3339;
use crate::sync::VerificationCounts;
use crate::sync::report::as_seconds;

/// Something is wrong, or soon will be, that does not mend itself.
///
/// `Display` is a sentence about what is the matter and one about what to do. Serialized, the member `alarm` is its
/// [`name`](Self::name).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "alarm", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Alarm {
    /// Stripe's list shows events that a model or a handler needs, and no delivery has brought one since.
    #[non_exhaustive]
    NothingReceived {
        /// The account of the event that waits longest.
        account: String,
        /// Whether the events are of connected accounts, which have an endpoint of their own.
        connected: bool,
        /// Of how many accounts nothing was received.
        accounts: u64,
        /// When the first such event happened, by Stripe's clock.
        #[serde(serialize_with = "as_rfc3339")]
        since: DateTime<Utc>,
    },
    /// Stripe's list of events was not followed for so long that Stripe will forget events which nobody has seen.
    #[non_exhaustive]
    FollowPointOld {
        /// The account whose list was not followed for longest.
        account: String,
        /// Of how many accounts that is so.
        accounts: u64,
        /// For how long it was not followed. Written as `age_seconds`, a number.
        #[serde(rename = "age_seconds", serialize_with = "as_seconds")]
        age: Duration,
    },
    /// Objects of which events told wait to be read.
    #[non_exhaustive]
    Lag {
        /// For how long the one that waits longest has waited. Written as `lag_seconds`, a number.
        #[serde(rename = "lag_seconds", serialize_with = "as_seconds")]
        lag: Duration,
    },
    /// Events were given up.
    #[non_exhaustive]
    DeadLetters {
        /// How many there are.
        events: u64,
    },
    /// Handlers or hooks after a commit failed for the last time.
    #[non_exhaustive]
    NeverDelivered {
        /// How many calls there are.
        calls: u64,
    },
    /// The last verification of a table found rows that are not as Stripe has them, and did not mend them.
    #[non_exhaustive]
    Drift {
        /// The struct's name.
        model: String,
        /// The table.
        table: String,
        /// How many rows there are of each kind.
        counts: VerificationCounts,
    },
    /// Stripe does not accept the key: it is revoked, expired, or no key; or the account that it reads is not known.
    #[non_exhaustive]
    KeyRefused {
        /// What Stripe said.
        reason: String,
    },
    /// The key may not read objects that are mirrored, or the list of events.
    #[non_exhaustive]
    PermissionLost {
        /// Stripe's name of the resource.
        object: String,
        /// The permission that the key lacks, as Stripe names it, such as `rak_customer_read`.
        permission: Option<String>,
        /// The account whose objects were to be read.
        account: String,
        /// In how many accounts that is so.
        accounts: u64,
    },
}

/// What is new about an alarm: what [`LiveBuilder::on_alarm`](crate::live::LiveBuilder::on_alarm) is called with.
///
/// `Display` is a line for a log or a message; serde serializes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AlarmUpdate {
    /// The alarm, with the numbers of now; of one that is over, those of the last time that it held.
    #[serde(flatten)]
    pub alarm: Alarm,
    /// Whether it begins, lasts or is over.
    pub state: AlarmState,
    /// When this process raised it, by its clock.
    #[serde(serialize_with = "as_rfc3339")]
    pub raised_at: DateTime<Utc>,
}

/// Whether an alarm begins, lasts or is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlarmState {
    /// It begins.
    Raised,
    /// It was raised, and still holds.
    Lasting,
    /// It was raised, and holds no more.
    Cleared,
}

words! { AlarmState: Raised "raised", Lasting "lasting", Cleared "cleared" }

/// The function that is called.
pub(crate) type OnAlarm = dyn Fn(&AlarmUpdate) + Send + Sync;

impl Alarm {
    /// The kind of alarm in one word, such as `dead_letters`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NothingReceived { .. } => "nothing_received",
            Self::FollowPointOld { .. } => "follow_point_old",
            Self::Lag { .. } => "lag",
            Self::DeadLetters { .. } => "dead_letters",
            Self::NeverDelivered { .. } => "never_delivered",
            Self::Drift { .. } => "drift",
            Self::KeyRefused { .. } => "key_refused",
            Self::PermissionLost { .. } => "permission_lost",
        }
    }

    /// Tells this alarm from all others, for as long as it lasts and in each process: to open an incident and to close it.
    /// There is one alarm of each kind at a time; of drift one for each table, of permissions one for each resource, and of
    /// what was not received one for the key's own account and one for those that are connected to it.
    pub fn key(&self) -> String {
        let name = self.name();
        match self {
            Self::NothingReceived {
                connected: true, ..
            } => format!("{name} connected"),
            Self::Drift { table, .. } => format!("{name} {table}"),
            Self::PermissionLost { object, .. } => format!("{name} {object}"),
            _ => name.to_owned(),
        }
    }

    /// What is the matter.
    fn matter(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingReceived {
                account,
                accounts,
                since,
                ..
            } => write!(
                f,
                "no webhook delivery was received for events of {} that happened since {}",
                Accounts(account, *accounts),
                since.to_rfc3339()
            ),
            Self::FollowPointOld {
                account,
                accounts,
                age,
            } => write!(
                f,
                "the list of events of {} was not followed for {}",
                Accounts(account, *accounts),
                Span(*age)
            ),
            Self::Lag { lag } => write!(
                f,
                "objects that events told of wait to be read, the first of them for {}",
                Span(*lag)
            ),
            Self::DeadLetters { events } => {
                write!(f, "events that could not be processed: {events}")
            }
            Self::NeverDelivered { calls } => {
                write!(f, "calls of handlers and hooks that were given up: {calls}")
            }
            Self::Drift {
                model,
                table,
                counts,
            } => write!(
                f,
                "the table {table} of {model} is not as Stripe has it: {counts}"
            ),
            Self::KeyRefused { reason } => write!(f, "the key cannot be used: {reason}"),
            Self::PermissionLost {
                object,
                account,
                accounts,
                ..
            } => write!(
                f,
                "the key may not read `{object}` of {}",
                Accounts(account, *accounts)
            ),
        }
    }

    /// What to do.
    fn remedy(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingReceived { .. } => {
                "Check the endpoint at Stripe: whether it is enabled, its URL, its event types and its signing secret"
            }
            Self::FollowPointOld { .. } => {
                "Stripe forgets events after 30 days, and then every model is mirrored anew: find out from the log why they \
                 are not followed, and call `Live::catch_up`"
            }
            Self::Lag { .. } => {
                "Look in the log for objects that fail again and again, and whether a process runs the service"
            }
            Self::DeadLetters { .. } => {
                "See their reasons with `Live::events`, and process them once more with `Live::replay`"
            }
            Self::NeverDelivered { .. } => {
                "See the log for their errors, and call them once more with `Live::redeliver`"
            }
            Self::Drift { .. } => {
                "See which rows with `Syncer::verify`, and mend them with `VerifyOptions::fix`"
            }
            Self::KeyRefused { .. } => {
                "Give the service a valid key of this account, and start it again"
            }
            Self::PermissionLost {
                permission: Some(permission),
                ..
            } => return write!(f, "Give it the permission `{permission}`"),
            Self::PermissionLost { .. } => "Give it the permission to read them",
        })
    }
}

/// One account, and how many others.
struct Accounts<'a>(&'a str, u64);

impl fmt::Display for Accounts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            0 | 1 => f.write_str(self.0),
            accounts => write!(f, "{} and {} more accounts", self.0, accounts - 1),
        }
    }
}

/// A span of time for people, in two of its units.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s"),
            (0, 0, _) => write!(f, "{minutes} min {} s", seconds % 60),
            (0, _, _) => write!(f, "{hours} h {} min", minutes % 60),
            _ => write!(f, "{days} d {} h", hours % 24),
        }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.matter(f)?;
        f.write_str(". ")?;
        self.remedy(f)?;
        f.write_str(".")
    }
}

impl fmt::Display for AlarmUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            AlarmState::Raised => self.alarm.fmt(f),
            AlarmState::Lasting => {
                write!(f, "since {}: {}", self.raised_at.to_rfc3339(), self.alarm)
            }
            AlarmState::Cleared => {
                f.write_str("over: ")?;
                self.alarm.matter(f)
            }
        }
    }
}

#[cfg(test)]
mod tests;
