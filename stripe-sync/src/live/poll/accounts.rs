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
        let works: Vec<_> = accounts
            .into_iter()
            .map(|account| self.catch_up_with_account(account, own.livemode))
            .collect();
        let works = stream::iter(works).buffer_unordered(self.shared.at_once);
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

    async fn catch_up_with_account(
        &self,
        account: String,
        livemode: bool,
    ) -> (String, Result<CatchUpReport, SyncError>) {
        let scope = Scope {
            account: account.clone(),
            livemode,
        };
        let found = self.catch_up_with(scope, Some(&account)).await;
        (account, found)
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
        let shared = &self.shared;
        if connected.is_none() {
            let syncer = &shared.syncer;
            return syncer
                .sync_models(&*shared.models, SyncAllOptions::default())
                .await;
        }
        let models = shared.models.iter().copied();
        let models: Vec<_> = models
            // An account is an object of its platform.
            .filter(|model| model.role(Role::Account).is_some() && model.object() != ACCOUNT)
            .collect();
        let syncer = shared.syncer.for_account(scope);
        syncer
            .sync_models(&*models, SyncAllOptions::default())
            .await
    }
}
