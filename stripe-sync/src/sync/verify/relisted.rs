//! Suspects whose objects cannot be read one by one, or of which only a list says whether they are in the filter: the lists
//! are read once more.

use std::collections::HashMap;

use tokio::time::{Instant, sleep};

use crate::sync::error::SyncError;
use crate::sync::object::Mapped;
use crate::sync::verify::compared::{Compared, Comparer};
use crate::sync::verify::digests::digest;
use crate::sync::verify::lists::Lists;
use crate::sync::verify::run::map_listed;
use crate::sync::verify::suspects::{MOST, Verdict};

/// The suspects of a model whose lists alone say what is right.
#[derive(Debug, Default)]
pub(super) struct Relisted {
    /// What the first reading of the lists said of each.
    digests: HashMap<String, Option<u64>>,
    last_at: Option<Instant>,
    /// Whether the key may not read some of the lists: what they did not show may be there.
    pub(super) is_partial: bool,
    /// How many there were besides: they are not looked at again.
    pub(super) surplus: u64,
}

impl Relisted {
    pub(super) fn add(&mut self, id: String, digest: Option<u64>) {
        self.last_at = Some(Instant::now());
        if self.digests.len() < MOST {
            self.digests.insert(id, digest);
        } else {
            self.surplus += 1;
        }
    }

    /// Reads the lists again after a while. Returns what is known of the suspects then.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(super) async fn look(
        self,
        comparer: &Comparer<'_>,
    ) -> Result<Vec<(String, Verdict)>, SyncError> {
        let Some(last_at) = self.last_at else {
            return Ok(Vec::new());
        };
        sleep(comparer.options.grace.saturating_sub(last_at.elapsed())).await;
        let mut before = HashMap::with_capacity(self.digests.len());
        for id in self.digests.keys() {
            before.insert(id.clone(), comparer.stored_digest(id).await?);
        }
        let run = comparer.run;
        let (mut left, mut is_partial) = (self.digests, self.is_partial);
        let mut verdicts = Vec::new();
        let mut lists = Lists::begin(run, comparer.options.since)?;
        while let Some(page) = lists.next().await? {
            for mapped in map_listed(run, page).await {
                let id = match &mapped {
                    Mapped::Row(row) => row.id.clone(),
                    Mapped::Failed(failure) | Mapped::OtherMode(failure) => failure.id.clone(),
                    Mapped::Deleted(_) | Mapped::Outside(_) | Mapped::Other(_) => continue,
                };
                if let Some(first) = left.remove(&id) {
                    let compared = comparer.one(&id, &mapped).await?;
                    let known = (first, before.get(&id).copied());
                    let verdict = verdict(comparer, &id, known, digest(&mapped), compared).await?;
                    verdicts.push((id, verdict));
                }
            }
        }
        is_partial |= lists.is_partial();
        for (id, first) in left {
            let compared = comparer.one(&id, &Mapped::Deleted(id.clone())).await?;
            let known = (first, before.get(&id).copied());
            let verdict = match is_partial && !compared.is_settled() {
                true => Verdict::Unsettled(compared),
                false => verdict(comparer, &id, known, None, compared).await?,
            };
            verdicts.push((id, verdict));
        }
        Ok(verdicts)
    }
}

/// What is known of a suspect, by what the first reading and the table said and what the second reading says.
async fn verdict(
    comparer: &Comparer<'_>,
    id: &str,
    (first, stored): (Option<u64>, Option<u64>),
    second: Option<u64>,
    compared: Compared,
) -> Result<Verdict, SyncError> {
    if compared.is_settled() {
        return Ok(Verdict::Settled(compared));
    }
    match stored.filter(|_| first == second) {
        Some(stored) => comparer.drift(id, stored, compared).await,
        None => Ok(Verdict::Unsettled(compared)),
    }
}
