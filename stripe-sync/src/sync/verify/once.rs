//! One verification of a table at a time, whichever process asks for it: the others wait, and return what it found.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tracing::Instrument as _;

use crate::model::Model;
use crate::store::db::{Scope, Store, StoreError};
use crate::store::tables::verifications::{VerificationLease, VerificationSpec};
use crate::sync::backfill::lease::RENEW_EVERY;
use crate::sync::error::SyncError;
use crate::sync::object::run::check;
use crate::sync::syncer::Syncer;
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::report::{Verification, VerificationKind};
use crate::sync::verify::{history, run};

/// How often one looks whether the verification of another process has ended.
const POLL: Duration = Duration::from_millis(500);

/// Verifies a table, unless another process does, whose verification is waited for. It is returned if it covers what is
/// asked for, and was under way when this call began or began later; else this process verifies when that one has ended.
///
/// With a moment, one that ended at it or later is returned at once.
///
/// # Errors
/// As [`Syncer::verify`].
pub(crate) async fn verify_once(
    syncer: &Syncer,
    model: &'static Model,
    options: &VerifyOptions,
    not_before: Option<DateTime<Utc>>,
) -> Result<Verification, SyncError> {
    let scope = syncer.scope().await?;
    check(syncer, model, &scope, false).await?;
    let table = VerifiedTable {
        store: syncer.store(),
        model,
        scope: &scope,
    };
    let work = || run::verify_now(syncer, model, options);
    once(table, options, not_before, work).await
}

/// What is verified.
#[derive(Clone, Copy)]
pub(crate) struct VerifiedTable<'a> {
    pub(crate) store: &'a Store,
    pub(crate) model: &'static Model,
    pub(crate) scope: &'a Scope,
}

/// The same as [`verify_once`] with some work that verifies. The work is dropped, and perhaps done again later, when this
/// process was halted for so long that another one began to verify.
pub(crate) async fn once<F: Future<Output = Result<Verification, SyncError>>>(
    table: VerifiedTable<'_>,
    options: &VerifyOptions,
    not_before: Option<DateTime<Utc>>,
    work: impl Fn() -> F,
) -> Result<Verification, SyncError> {
    let VerifiedTable {
        store,
        model,
        scope,
    } = table;
    let asked = Asked::new(model, options);
    let spec = VerificationSpec {
        kind: VerificationKind::from(options).to_string(),
        options: history::json(&asked),
    };
    // What ended later was under way when this call began, or began later.
    let seen = store.last_verification(model, scope).await?;
    let since = (seen, not_before.map(|moment| moment.timestamp_millis()));
    let mut is_said = false;
    loop {
        let known = store.known_verifications(model, scope, since).await?;
        let covering = known
            .iter()
            .find(|one| one.has_ended && asked.is_covered_by(&one.options));
        if let Some(covering) = covering
            && let Some(found) = history::of_token(store, model, scope, covering.token).await?
        {
            return Ok(Verification {
                by_another: true,
                ..found
            });
        }
        if known.iter().any(|one| !one.has_ended && one.is_leased) {
            if !std::mem::replace(&mut is_said, true) {
                tracing::info!(
                    name: "stripe_sync.waiting",
                    table = store.place(model).name,
                    "another process verifies the table: it is waited for"
                );
            }
            tokio::time::sleep(POLL).await;
            continue;
        }
        let newest = known.first().map_or(seen, |one| one.token.max(seen));
        let Some(lease) = HeldLease::begin(table, &spec, newest).await? else {
            continue;
        };
        if let Some(result) = lease.while_renewed(work()).await {
            return lease.end(&spec, result).await;
        }
        tracing::info!(
            name: "stripe_sync.verification_lost",
            table = store.place(model).name,
            "this process was halted for longer than its lease, and another one verifies the table"
        );
    }
}

/// What was asked for, as it is kept beside the lease. Another version of this program may ask for more: what it asked then
/// covers nothing here.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Changes with the mapping and the filter of the struct: a process with another one compares other columns, or other
    /// objects.
    mapping: String,
    filter: String,
    fix: bool,
    quick: bool,
    sample: Option<u64>,
    since: Option<i64>,
    references: bool,
    grace_ms: u64,
    blind_in: Option<String>,
}

impl Asked {
    fn new(model: &Model, options: &VerifyOptions) -> Self {
        Self {
            mapping: format!("{:016x}", model.mapping()),
            filter: model.filter(),
            fix: options.fix,
            quick: options.quick,
            sample: options.sample,
            since: options.since,
            references: options.references,
            grace_ms: u64::try_from(options.grace.as_millis()).unwrap_or(u64::MAX),
            blind_in: options.blind_in.map(str::to_owned),
        }
    }

    /// Whether a verification with these options says all that this one would: it compared no less, and mends if this one
    /// does.
    fn is_covered_by(&self, options: &str) -> bool {
        let Ok(done) = serde_json::from_str::<Self>(options) else {
            return false;
        };
        let is_in_sample = match (self.sample, done.sample) {
            (_, None) => true,
            (Some(asked), Some(done)) => asked <= done,
            (None, Some(_)) => false,
        };
        let is_since = match (self.since, done.since) {
            (_, None) => true,
            (Some(asked), Some(done)) => asked >= done,
            (None, Some(_)) => false,
        };
        (&self.mapping, &self.filter) == (&done.mapping, &done.filter)
            && (done.fix || !self.fix)
            && (!done.quick || self.quick)
            && is_in_sample
            && is_since
            && (done.references || !self.references)
            && done.grace_ms >= self.grace_ms
            && (done.blind_in.is_none() || done.blind_in == self.blind_in)
    }
}

/// The right to verify, which is given back when it is dropped.
struct HeldLease {
    store: Store,
    lease: VerificationLease,
    held: bool,
    /// What renews it, whatever the work waits for.
    renewal: Option<AbortHandle>,
    /// Another process has begun to verify.
    lost: Arc<Notify>,
}

impl HeldLease {
    /// Begins a verification; `None` if another process was faster.
    async fn begin(
        table: VerifiedTable<'_>,
        spec: &VerificationSpec,
        newest: i64,
    ) -> Result<Option<Self>, StoreError> {
        let store = table.store;
        let mut held = Self {
            store: store.clone(),
            lease: VerificationLease {
                table: store.place(table.model).name.clone(),
                scope: table.scope.clone(),
                token: store.next_token().await?,
            },
            // From here on: whoever drops this while it commits gives it back.
            held: true,
            renewal: None,
            lost: Arc::default(),
        };
        held.held = store.begin_verification(&held.lease, spec, newest).await?;
        if !held.held {
            return Ok(None);
        }
        let (store, lease, lost) = (store.clone(), held.lease.clone(), held.lost.clone());
        let renewing = async move {
            loop {
                tokio::time::sleep(RENEW_EVERY).await;
                match store.renew_verification(&lease).await {
                    Ok(true) => {}
                    Ok(false) => return lost.notify_one(),
                    Err(error) => {
                        tracing::debug!(name: "stripe_sync.lease", %error, "lease not renewed");
                    }
                }
            }
        };
        held.renewal = Some(tokio::spawn(renewing.in_current_span()).abort_handle());
        Ok(Some(held))
    }

    /// Waits for some work, beside which the lease is renewed. Returns `None` if another process has begun to verify.
    async fn while_renewed<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.lost.notified() => None,
        }
    }

    /// Records what was found, or gives the lease back.
    ///
    /// # Errors
    /// The work's own, or when the database fails.
    async fn end(
        mut self,
        spec: &VerificationSpec,
        result: Result<Verification, SyncError>,
    ) -> Result<Verification, SyncError> {
        match result {
            Ok(found) => {
                history::record(&self.store, &self.lease, spec, &found).await?;
                self.held = false;
                Ok(found)
            }
            Err(error) => {
                if self.store.release_verification(&self.lease).await.is_ok() {
                    self.held = false;
                }
                Err(error)
            }
        }
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        // Outside of a runtime it ends by itself.
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (store, lease) = (self.store.clone(), self.lease.clone());
            let release = async move {
                if let Err(error) = store.release_verification(&lease).await {
                    tracing::debug!(name: "stripe_sync.lease", %error, "lease not given back");
                }
            };
            runtime.spawn(release.in_current_span());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::Asked;
    use crate::StripeSync;
    use crate::sync::verify::history::json;
    use crate::sync::verify::options::VerifyOptions;

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers", crate = crate)]
    struct Customer {
        id: String,
    }

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers", crate = crate)]
    struct Renamed {
        id: String,
        email: Option<String>,
    }

    fn covers(done: VerifyOptions, asked: VerifyOptions) -> bool {
        let done = Asked::new(Customer::MODEL, &done);
        Asked::new(Customer::MODEL, &asked).is_covered_by(&json(&done))
    }

    #[test]
    fn what_compares_no_less_covers() {
        let all = VerifyOptions::default;
        let day = |day: i64| DateTime::from_timestamp(day * 86_400, 0).unwrap();
        let second = Duration::from_secs(1);
        for (less, more) in [
            (all().quick(true), all()),
            (all().sample(10), all()),
            (all().sample(10), all().sample(11)),
            (all().since(day(1)), all()),
            (all().since(day(1)), all().since(day(0))),
            (all(), all().references(true)),
            (all(), all().fix(true)),
            (all().grace(second), all()),
            (all().quick(true).since(day(1)), all().quick(true)),
        ] {
            assert!(covers(more.clone(), less.clone()), "{more:?} {less:?}");
            assert!(covers(less.clone(), less.clone()), "{less:?}");
            assert!(!covers(less.clone(), more.clone()), "{less:?} {more:?}");
        }
        assert!(!covers(all().quick(true), all().since(day(1))));
    }

    #[test]
    fn what_is_not_known_covers_nothing() {
        let all = VerifyOptions::default();
        let asked = Asked::new(Customer::MODEL, &all);
        assert!(!asked.is_covered_by(""));
        let newer = json(&asked).replace("{", r#"{"deeper":true,"#);
        assert!(!asked.is_covered_by(&newer));
        let other = Asked::new(Renamed::MODEL, &all);
        assert!(!asked.is_covered_by(&json(&other)));
    }
}
