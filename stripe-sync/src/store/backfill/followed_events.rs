//! Which events the newest run that ended has followed, so that the next one does not follow them again: a row of `listed`
//! whose batch is the run's token, negative; those of a run are positive.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::cell::{Cell, CellType};
use crate::store::db::{Bind, OF_KEY, Store, StoreError, query, transaction};
use crate::store::tables::RunLease;

/// Events that are remembered, eight bytes each: those of ten minutes at more than a hundred in a second. What is beyond is
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
            run: lease.token(),
            shown_until,
            events: HashSet::new(),
        }
    }

    fn hash(&self, event: &str) -> u64 {
        xxh3_64_with_seed(event.as_bytes(), self.run.cast_unsigned())
    }

    /// Remembers an event.
    pub(crate) fn add(&mut self, event: &str) {
        if self.events.len() < MOST {
            self.events.insert(self.hash(event));
        }
    }

    /// Whether an event was followed.
    pub(crate) fn has(&self, event: &str) -> bool {
        self.events.contains(&self.hash(event))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let shown_until = self.shown_until.unwrap_or(NOTHING_SHOWN);
        let mut bytes = shown_until.to_le_bytes().to_vec();
        bytes.extend(self.events.iter().flat_map(|hash| hash.to_le_bytes()));
        bytes
    }

    fn of(run: i64, bytes: &[u8]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let (first, rest) = match words.split_first() {
            Some((first, rest)) => (i64::from_le_bytes(*first), rest),
            None => (NOTHING_SHOWN, words),
        };
        Self {
            run,
            shown_until: Some(first).filter(|until| *until != NOTHING_SHOWN),
            events: rest.iter().map(|word| u64::from_le_bytes(*word)).collect(),
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
        let binds = lease.around(&[], &[]);
        let rows = query!(self, &lease.table, async |conn| {
            conn.rows::<(i64, Vec<u8>)>(&sql, &binds).await
        })?;
        let newest = rows.into_iter().next();
        Ok(newest.map(|(batch, bytes)| Followed::of(-batch, &bytes)))
    }

    /// Keeps what a run has followed, in the place of what one before did. Where the run is killed before it ends, the next
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
        let keep = "INSERT INTO $listed (table_name, account, livemode, batch, hashes) VALUES (?, ?, ?, ?, ?)";
        let bytes = Bind::Value(CellType::Bytes, Cell::Bytes(followed.to_bytes().into()));
        let binds = lease.around(&[], &[Bind::integer(-followed.run), bytes]);
        let key = lease.around(&[], &[]);
        transaction!(self, &lease.table, async |conn| {
            conn.execute(&forget, &key).await?;
            conn.execute(keep, &binds).await.map(drop)
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
            let kept = Followed::of(7, &followed.to_bytes());
            assert_eq!(kept.shown_until, shown_until);
            assert!(kept.has("evt_1") && kept.has("evt_2") && !kept.has("evt_3"));
        }
    }
}
