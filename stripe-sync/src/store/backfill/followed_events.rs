//! Which events the newest run that ended has followed, so that the next one does not follow them again: a row of `listed`
//! whose batch is the run's token, negative; those of a run are positive.

use std::collections::HashSet;

use crate::store::backfill::listed;
use crate::store::db::{OF_KEY, Store, StoreError, transaction};
use crate::store::tables::RunLease;

/// Events that are stored, eight bytes each: those of ten minutes at more than a hundred in a second. What is beyond is
/// followed again.
const MOST: usize = 100_000;
/// Where a run says nothing of its lists.
const NOTHING_SHOWN: i64 = i64::MIN;

/// What a run has followed.
#[derive(Debug)]
pub(crate) struct Followed {
    run: i64,
    /// The lists showed what was changed before, in unix seconds; `None` where they were not read whole.
    pub(crate) shown_until: Option<i64>,
    events: HashSet<u64>,
}

impl Followed {
    /// What this run has followed: nothing yet.
    pub(crate) fn by(lease: &RunLease, shown_until: Option<i64>) -> Self {
        Self {
            run: lease.run,
            shown_until,
            events: HashSet::new(),
        }
    }

    /// Adds an event.
    pub(crate) fn add(&mut self, event: &str) {
        if self.events.len() < MOST {
            self.events.insert(listed::hash(self.run, event));
        }
    }

    /// Whether an event was followed.
    pub(crate) fn has(&self, event: &str) -> bool {
        self.events.contains(&listed::hash(self.run, event))
    }

    fn words(&self) -> impl Iterator<Item = u64> {
        let shown_until = self.shown_until.unwrap_or(NOTHING_SHOWN);
        std::iter::once(shown_until.cast_unsigned()).chain(self.events.iter().copied())
    }

    fn of(run: i64, mut words: impl Iterator<Item = u64>) -> Self {
        let first = words.next().map(u64::cast_signed);
        Self {
            run,
            shown_until: first.filter(|until| *until != NOTHING_SHOWN),
            events: words.collect(),
        }
    }
}

impl Store {
    /// Returns what the newest run that ended has followed; `None` if that is not known.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn followed(&self, lease: &RunLease) -> Result<Option<Followed>, StoreError> {
        let sql =
            format!("SELECT batch, hashes FROM $listed {OF_KEY} AND batch < 0 ORDER BY batch");
        let newest: Option<(i64, Vec<u8>)> = self.row(&lease.table, &sql, &lease.key()).await?;
        Ok(newest.map(|(batch, bytes)| Followed::of(-batch, listed::words(&bytes))))
    }

    /// Stores what a run has followed, in the place of what one before did. Where the run is killed before it ends, the next
    /// one knows more than it has to.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn keep_followed(
        &self,
        lease: &RunLease,
        followed: &Followed,
    ) -> Result<(), StoreError> {
        let forget = format!("DELETE FROM $listed {OF_KEY} AND batch < 0");
        transaction!(self, &lease.table, async |conn| {
            conn.execute(&forget, &lease.key()).await?;
            listed::insert_words(conn, lease, -followed.run, followed.words(), "").await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_was_followed() {
        for shown_until in [None, Some(0), Some(1_700_000_000)] {
            let mut followed = Followed {
                run: 7,
                shown_until,
                events: HashSet::new(),
            };
            followed.add("evt_1");
            followed.add("evt_2");
            let kept = Followed::of(7, followed.words());
            assert_eq!(kept.shown_until, shown_until);
            assert!(kept.has("evt_1") && kept.has("evt_2") && !kept.has("evt_3"));
        }
    }
}
