//! The alarms that were raised, so that each is told once, and again only after a while.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::live::service::alarm::{Alarm, AlarmState, AlarmUpdate};

/// The alarms that were raised and are not over.
#[derive(Debug, Default)]
pub(crate) struct RaisedAlarms(BTreeMap<String, Raised>);

#[derive(Debug)]
struct Raised {
    alarm: Alarm,
    at: DateTime<Utc>,
    told: Instant,
}

impl Raised {
    fn update(&self, state: AlarmState) -> AlarmUpdate {
        AlarmUpdate {
            alarm: self.alarm.clone(),
            state,
            raised_at: self.at,
        }
    }
}

impl RaisedAlarms {
    /// The alarms that hold.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.0.values().map(|raised| &raised.alarm)
    }

    /// Whether an alarm of this key holds.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Takes in what holds now. Returns what is to be told. Those that are not `all` end none.
    pub(crate) fn take(
        &mut self,
        holding: Vec<Alarm>,
        all: bool,
        repeat_every: Duration,
    ) -> Vec<AlarmUpdate> {
        let now = Instant::now();
        let mut ended = std::mem::take(&mut self.0);
        let mut updates = Vec::new();
        for alarm in holding {
            let key = alarm.key();
            let raised = match ended.remove(&key) {
                None => {
                    let (at, told) = (Utc::now(), now);
                    let raised = Raised { alarm, at, told };
                    updates.push(raised.update(AlarmState::Raised));
                    raised
                }
                Some(raised) if now.duration_since(raised.told) >= repeat_every => {
                    let (told, at) = (now, raised.at);
                    let raised = Raised { alarm, at, told };
                    updates.push(raised.update(AlarmState::Lasting));
                    raised
                }
                Some(raised) => Raised { alarm, ..raised },
            };
            self.0.insert(key, raised);
        }
        if all {
            let ended = ended.into_values();
            updates.extend(ended.map(|raised| raised.update(AlarmState::Cleared)));
        } else {
            self.0.append(&mut ended);
        }
        updates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(60);

    fn dead(events: u64) -> Alarm {
        Alarm::DeadLetters { events }
    }

    fn drift(table: &str) -> Alarm {
        Alarm::Drift {
            model: "Model".to_owned(),
            table: table.to_owned(),
            counts: Default::default(),
        }
    }

    /// The states and keys of what is told.
    fn told(raised: &mut RaisedAlarms, holding: &[Alarm], all: bool) -> Vec<String> {
        let updates = raised.take(holding.to_vec(), all, EVERY);
        let told = |update: AlarmUpdate| format!("{} {}", update.alarm.key(), update.state);
        updates.into_iter().map(told).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn an_alarm_is_told_once_and_again_after_a_while_and_when_it_is_over() {
        let mut raised = RaisedAlarms::default();
        assert_eq!(told(&mut raised, &[], true), [""; 0]);
        assert_eq!(told(&mut raised, &[dead(1)], true), ["dead_letters raised"]);
        for events in 2..6 {
            tokio::time::advance(EVERY / 5).await;
            assert_eq!(told(&mut raised, &[dead(events)], true), [""; 0]);
        }
        // What holds has the numbers of now.
        assert_eq!(raised.alarms().collect::<Vec<_>>(), [&dead(5)]);
        tokio::time::advance(EVERY / 5).await;
        let lasting = told(&mut raised, &[dead(6)], true);
        assert_eq!(lasting, ["dead_letters lasting"]);
        assert_eq!(told(&mut raised, &[dead(6)], true), [""; 0]);
        assert_eq!(told(&mut raised, &[], true), ["dead_letters cleared"]);
        assert_eq!(told(&mut raised, &[], true), [""; 0]);
        assert_eq!(told(&mut raised, &[dead(1)], true), ["dead_letters raised"]);
    }

    #[tokio::test(start_paused = true)]
    async fn alarms_of_other_tables_are_others() {
        let mut raised = RaisedAlarms::default();
        told(&mut raised, &[drift("a")], true);
        let both = told(&mut raised, &[drift("a"), drift("b")], true);
        assert_eq!(both, ["drift b raised"]);
        assert_eq!(told(&mut raised, &[drift("b")], true), ["drift a cleared"]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_could_look_at_goes_on() {
        let mut raised = RaisedAlarms::default();
        told(&mut raised, &[drift("a"), dead(1)], true);
        assert_eq!(told(&mut raised, &[], false), [""; 0]);
        assert!(raised.has("drift a") && raised.has("dead_letters"));
        let key = Alarm::KeyRefused {
            reason: "expired".to_owned(),
        };
        let told = told(&mut raised, &[key], false);
        assert_eq!(told, ["key_refused raised"]);
        assert_eq!(raised.alarms().count(), 3);
    }
}
