//! What live events keep in the application's database: the inbox, the work that follows from it, what is to be told
//! after a commit, and changes for those who subscribe.

mod awaited;
mod changes;
mod children;
mod dates;
mod due;
mod follow;
mod followed;
mod inbox;
mod known;
mod outbox;
mod received;
mod selection;
mod tellable;
mod work;

pub(crate) use awaited::Standing;
pub use changes::ChangeKind;
pub(crate) use changes::StoredChange;
pub(crate) use dates::Dated;
pub(in crate::store) use dates::forget as forget_date;
pub(crate) use due::Due;
pub(crate) use follow::{Following, Handlers};
pub use inbox::{EventState, Source};
pub(crate) use inbox::{NewEvent, StoredEvent};
pub(crate) use known::Known;
pub(crate) use outbox::Message;
pub(crate) use selection::Selection;
pub(crate) use tellable::Tellable;
pub(crate) use work::{Claim, EVENT, Subject};

use super::Store;
use super::connection::Bind;
use super::error::StoreError;
use super::fault::{Fault, Tries};

impl Store {
    /// Creates the tables of live events where they are missing.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn prepare_live(&self) -> Result<(), StoreError> {
        self.prepare().await?;
        let prepared = self.seen.live.get_or_try_init(|| async {
            let mut tries = Tries::new("stripe_sync_events", self.kind());
            loop {
                match self.try_prepare_live().await {
                    Ok(()) => return Ok(()),
                    Err(fault) => tries.again(fault).await?,
                }
            }
        });
        prepared.await.copied()
    }

    async fn try_prepare_live(&self) -> Result<(), Fault> {
        self.create_tables(self.kind().dialect().live).await
    }
}

/// The parameters that name an account and a mode.
fn scope_binds(scope: &super::Scope) -> [Bind<'_>; 2] {
    [Bind::text(&scope.account), Bind::boolean(scope.livemode)]
}
