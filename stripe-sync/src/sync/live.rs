//! What the drivers have that live events need too.

use super::scope::KnownScope;
use super::share::SharedSharing;
use super::{Shared, SyncError, Syncer, run};
use crate::model::{Model, Role};
use crate::store::Scope;

pub(crate) use super::absence::{Absences, Doubt};
pub(crate) use super::by_ids::names_nothing;
pub(crate) use super::chain::{Chain, Target};
pub(crate) use super::changes::{OVERLAP, REMEMBERED};
pub(crate) use super::children::{children_of, is_told_by, teller, told_by};
pub(crate) use super::events::{EVENTS, events};
pub(crate) use super::inline::is_whole;
pub(crate) use super::newest_event::{Newest, newest};
pub(crate) use super::page::{Mapped, Page, map};
pub(crate) use super::parents::{Parent, named};
pub(crate) use super::report::as_seconds;
pub(crate) use super::retrieve::{Read, Reader, check_readable, is_readable, resource};
pub(crate) use super::run::Run;
pub(crate) use super::warnings::Warnings;
pub(crate) use super::write::Writer;

/// Checks a table for an account and a mode. What is of a connected account goes to a table that tells accounts
/// apart: another one would be taken from the key's own account by the first event that comes.
///
/// # Errors
/// When the table does not fit, holds another account's rows, or cannot hold those of a connected account.
pub(crate) async fn check(
    syncer: &Syncer,
    model: &'static Model,
    scope: &Scope,
) -> Result<(), SyncError> {
    if model.role(Role::Account).is_none() {
        let own = syncer.scope().await?;
        if own.account != scope.account {
            return Err(SyncError::NoAccountField {
                model: model.name(),
                own: own.account,
                account: scope.account.clone(),
            });
        }
    }
    run::check(syncer, model, scope, false).await
}

impl Syncer {
    /// The same for an account that is connected to the key's.
    pub(crate) fn for_account(&self, scope: &Scope) -> Self {
        Self {
            shared: std::sync::Arc::new(Shared {
                stripe: self.stripe().for_account(scope.account.as_str()),
                store: self.store().clone(),
                registry: self.registry().clone(),
                state: self.state().clone(),
                hook_timeout: self.hook_timeout(),
                progress: self.shared.progress.clone(),
                known: KnownScope {
                    account: Some(scope.account.clone()),
                    livemode: Some(scope.livemode),
                    claimed: false,
                },
                scope: tokio::sync::OnceCell::new(),
                sharing: SharedSharing::default(),
            }),
        }
    }
}
