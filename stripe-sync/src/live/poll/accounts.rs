//! Connected accounts: which are known, and what their own lists of events have.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::live::poll::CatchUpReport;
use crate::live::receive::subjects::ACCOUNT;
use crate::live::service::Live;
use crate::model::Role;
use crate::store::db::Scope;
use crate::stripe_time::is_ahead;
use crate::sync::backfill::SyncAllOptions;
use crate::sync::error::{ModelResult, SyncError};

impl Live {
    /// Catches up with every connected account that is known and that nobody has caught up with for so long. One that fails
    /// does not stop the others.
    pub(crate) async fn catch_up_accounts(
        &self,
        not_since: Duration,
        caught_up: &mut CatchUpReport,
    ) -> Result<(), SyncError> {
        let own = self.prepare().await?;
        let mut accounts = self.connected_accounts(&own).await?;
        if !not_since.is_zero() {
            accounts = self.not_followed_since(accounts, &own, not_since).await?;
        }
        let livemode = own.livemode;
        let works = accounts.into_iter().map(async |account| {
            let scope = Scope {
                account: account.clone(),
                livemode,
            };
            let found = self.catch_up_with(scope, Some(&account)).await;
            (account, found)
        });
        let works = stream::iter(works.collect::<Vec<_>>()).buffer_unordered(self.shared.at_once);
        for (account, result) in works.collect::<Vec<_>>().await {
            match result {
                Ok(found) => {
                    caught_up.listed += found.listed;
                    caught_up.new += found.new;
                    caught_up.gap |= found.gap;
                    caught_up.reports.extend(found.reports);
                    caught_up.not_mirrored.extend(found.not_mirrored);
                }
                Err(error) => {
                    tracing::warn!(
                        name: "stripe_sync.account_not_followed",
                        account,
                        %error,
                        "the events of a connected account were not followed; the others were"
                    );
                    caught_up.failed.push((account, error));
                }
            }
        }
        Ok(())
    }

    /// Of these accounts those that no process has followed since so long ago.
    async fn not_followed_since(
        &self,
        accounts: BTreeSet<String>,
        own: &Scope,
        time: Duration,
    ) -> Result<BTreeSet<String>, SyncError> {
        let time = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let here = chrono::Utc::now().timestamp();
        let until = here.saturating_sub(time);
        let (livemode, store) = (own.livemode, self.store());
        let mut rest = BTreeSet::new();
        for account in accounts {
            let scope = Scope { account, livemode };
            let followed = store.followed_until(&scope).await?;
            // One that was followed up to a moment that has not come yet has a gap.
            let is_due = |followed| followed <= until || is_ahead(followed, None, here);
            if followed.is_none_or(is_due) {
                rest.insert(scope.account);
            }
        }
        Ok(rest)
    }

    /// The connected accounts that were named, of which events were kept, or that a table of several accounts holds.
    async fn connected_accounts(&self, own: &Scope) -> Result<BTreeSet<String>, SyncError> {
        let shared = &self.shared;
        let models = shared.models.iter();
        // A table of one account is of no account that is not the key's own, or another key's.
        let tables = models
            .filter(|model| model.role(Role::Account).is_some())
            .map(|model| self.table(model))
            .collect::<Vec<_>>();
        let mut accounts = shared.accounts.clone();
        accounts.remove(&own.account);
        if tables.is_empty() && shared.handlers.is_empty() {
            // Nothing here would take their events.
            return Ok(accounts);
        }
        let store = self.store();
        accounts.extend(store.known_accounts(own.livemode, &tables).await?);
        accounts.remove(&own.account);
        Ok(accounts)
    }

    /// Mirrors the models of an account from its lists: all of the key's own, and of a connected one those that can hold it.
    pub(crate) async fn mirror_anew(
        &self,
        scope: &Scope,
        connected: Option<&str>,
    ) -> Vec<ModelResult> {
        let (mut syncer, mut models) = (self.shared.syncer.clone(), self.shared.models.clone());
        if connected.is_some() {
            syncer = syncer.for_account(scope);
            // An account is an object of its platform.
            models.retain(|model| model.role(Role::Account).is_some() && model.object() != ACCOUNT);
        }
        let options = SyncAllOptions::default();
        syncer.sync_models(&*models, options).await
    }
}
