//! Objects whose rows were not equal at the first look: they are read once more after a while.

use std::collections::VecDeque;

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, sleep_until};

use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::ids::{BATCH, READS_AT_ONCE};
use crate::sync::object::newest::found;
use crate::sync::object::read::retrieve;
use crate::sync::verify::compared::{Compared, Comparer, Own};
use crate::sync::verify::digests::digest;

/// Objects that wait for their second read. While so many wait, the lists are not read on.
pub(super) const MOST: usize = 1_000;
/// How often an object is read that changes all the time, or for which there is work to do.
const READS: u32 = 4;

/// An object whose row was not equal.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) id: String,
    /// What the last read said of it.
    digest: Option<u64>,
    read_at: Instant,
    reads: u32,
}

impl Suspect {
    /// One that was read at a moment, whatever the read said.
    pub(super) fn new(id: impl Into<String>, digest: Option<u64>, read_at: Instant) -> Self {
        Self {
            id: id.into(),
            digest,
            read_at,
            reads: 1,
        }
    }
}

/// What a further read says of a suspect.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing is wrong, or it is no drift.
    Settled(Compared),
    /// Two reads agree with each other and not with the rows.
    Drift(Compared),
    /// It is neither, at each read.
    Unsettled(Compared),
}

/// The suspects, the one that was read longest ago first.
#[derive(Debug, Default)]
pub(super) struct Suspects(VecDeque<Suspect>);

impl Suspects {
    /// Adds one, unless it is there.
    pub(super) fn add(&mut self, suspect: Suspect) {
        if !self.0.iter().any(|known| known.id == suspect.id) {
            self.0.push_back(suspect);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Reads those again whose time has come, or waits for the first of them. Returns what is known of them; none if it is
    /// nobody's time.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(super) async fn look(
        &mut self,
        comparer: &Comparer<'_>,
        waits: bool,
    ) -> Result<Vec<(String, Verdict)>, SyncError> {
        let grace = comparer.options.grace;
        let Some(first) = self.0.front() else {
            return Ok(Vec::new());
        };
        if waits {
            sleep_until(first.read_at + grace).await;
        }
        let now = Instant::now();
        let due = self.0.iter().take(BATCH);
        let due = due.take_while(|suspect| suspect.read_at + grace <= now);
        let due: Vec<Suspect> = self.0.drain(..due.count()).collect();
        // Futures that borrow inside the stream would make the whole run's future not `Send`.
        let looks: Vec<_> = due.into_iter().map(|one| look(comparer, one)).collect();
        let mut looks = stream::iter(looks).buffer_unordered(READS_AT_ONCE);
        let (mut verdicts, mut again) = (Vec::new(), Vec::new());
        while let Some((suspect, verdict)) = looks.next().await {
            match verdict? {
                Some(verdict) => verdicts.push((suspect.id, verdict)),
                None => again.push(suspect),
            }
        }
        again.sort_by_key(|suspect| suspect.read_at);
        self.0.extend(again);
        Ok(verdicts)
    }
}

/// Reads a suspect once more, and compares it with its rows. `None` if it has to be read yet again.
async fn look(
    comparer: &Comparer<'_>,
    mut suspect: Suspect,
) -> (Suspect, Result<Option<Verdict>, SyncError>) {
    let verdict = look_at(comparer, &mut suspect).await;
    (suspect, verdict)
}

async fn look_at(
    comparer: &Comparer<'_>,
    suspect: &mut Suspect,
) -> Result<Option<Verdict>, SyncError> {
    let id = suspect.id.clone();
    // A row that is written while the object is read may be newer than what is read of it.
    let before = comparer.stored_digest(&id).await?;
    let (read, compared) = read(comparer, &id).await?;
    if compared.is_settled() {
        return Ok(Some(Verdict::Settled(compared)));
    }
    let is_same = read == suspect.digest;
    (suspect.digest, suspect.read_at) = (read, Instant::now());
    suspect.reads += 1;
    let verdict = match is_same {
        true => comparer.drift(&id, before, compared).await?,
        false => Verdict::Unsettled(compared),
    };
    let is_last = !matches!(verdict, Verdict::Unsettled(_)) || suspect.reads > READS;
    Ok(is_last.then_some(verdict))
}

impl Comparer<'_> {
    /// What is known of an object of which two reads say that its rows are wrong, with a digest of these from before the last
    /// one: live sync may have work to do for it, or have done it meanwhile, or the bookkeeping may name it as failed.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn drift(
        &self,
        id: &str,
        stored: u64,
        compared: Compared,
    ) -> Result<Verdict, SyncError> {
        let (store, model, scope) = (self.run.store(), self.run.model, &self.run.scope);
        // Work that is done between these two questions has changed the rows by the second.
        let has_work = store.has_work(model, scope, id).await?;
        if has_work || self.stored_digest(id).await? != stored {
            return Ok(Verdict::Unsettled(compared));
        }
        // What failed once may be written now.
        let recorded = match self.mends() {
            true => None,
            false => store.recorded_failure(model, scope, id).await?,
        };
        Ok(match recorded {
            Some(failure) => Verdict::Settled(Compared::failed(failure)),
            None => Verdict::Drift(compared),
        })
    }
}

/// Reads an object, and compares it with its rows. Returns a digest of what was read, too. An object that Stripe refuses to
/// show fails alone.
///
/// # Errors
/// When Stripe or the database fail as a whole.
pub(super) async fn read(
    comparer: &Comparer<'_>,
    id: &str,
) -> Result<(Option<u64>, Compared), SyncError> {
    let run = comparer.run;
    let failed = |failure| Ok((None, Compared::failed(failure)));
    match found(run, id, retrieve(run, id).await).await {
        Ok(found) => {
            let compared = comparer.one(id, &found.mapped).await?;
            Ok((digest(&found.mapped), compared))
        }
        Err(SyncError::Object { failure, .. }) => failed(failure),
        Err(error @ SyncError::NoParent { .. }) => failed(Failure::whole(id, error.to_string())),
        Err(SyncError::Stripe(error)) if !error.is_unauthorized() && !error.is_transient() => {
            failed(Failure::whole(id, error.to_string()))
        }
        Err(error) => Err(error),
    }
}

impl Compared {
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            own: Own::Failed(failure),
            children: Vec::new(),
        }
    }
}
