//! `sync_all`: everything of a model.

use std::future::{Future, pending};

use crate::model::StripeSync;
use crate::sync::backfill::SyncAllOptions;
use crate::sync::backfill::plan::{self, Plan};
use crate::sync::backfill::run::{self};
use crate::sync::backfill::status::{self, BackfillStatus};
use crate::sync::error::SyncError;
use crate::sync::report::Report;
use crate::sync::syncer::Syncer;

impl Syncer {
    /// Mirrors every object that the resource's lists can show, and reports what it did.
    ///
    /// Every page of 100 is read, and every class that Stripe's default filters hide: canceled subscriptions, inactive
    /// prices, what belongs to test clocks, children of each parent. Rows that did not change are not written. Then events
    /// say what changed meanwhile, and rows that no list showed are confirmed as deleted, each by a read.
    ///
    /// A run that was stopped or killed is resumed by the next call; a call while another process runs takes part in its
    /// work. Lists with a `created` filter are read in several parts at once.
    ///
    /// # Errors
    /// When the table does not fit or holds another account's rows (nothing was written then), a run with other settings
    /// goes in another process, or Stripe or the database fail for longer than retries last. An object that does not map
    /// fails alone, in the report.
    pub async fn sync_all<M: StripeSync>(&self) -> Result<Report, SyncError> {
        let options = SyncAllOptions::default();
        run::run(self, M::MODEL, options, Box::pin(pending())).await
    }

    /// [`sync_all`](Self::sync_all) with settings.
    ///
    /// # Errors
    /// As `sync_all`.
    pub async fn sync_all_with<M: StripeSync>(
        &self,
        options: SyncAllOptions,
    ) -> Result<Report, SyncError> {
        run::run(self, M::MODEL, options, Box::pin(pending())).await
    }

    /// [`sync_all`](Self::sync_all) that ends early when a signal comes, for a process that is asked to stop: what is written
    /// stays, and what this process had of the lists is given back, so that the next run goes on at once. The report says
    /// that it was [stopped](Report::stopped).
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncAllOptions, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// let interrupted = async {
    ///     let _ = tokio::signal::ctrl_c().await;
    /// };
    /// let report = syncer
    ///     .sync_all_until::<Customer>(SyncAllOptions::default(), interrupted)
    ///     .await?;
    /// println!("{report}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As `sync_all`.
    pub async fn sync_all_until<M: StripeSync>(
        &self,
        options: SyncAllOptions,
        signal: impl Future<Output = ()> + Send,
    ) -> Result<Report, SyncError> {
        run::run(self, M::MODEL, options, Box::pin(signal)).await
    }

    /// What a `sync_all` of a model would cost, from a few probes of its lists: about how many objects there are, how
    /// many requests it takes, and how long. Writes nothing.
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: Syncer) -> Result<(), SyncError> {
    /// println!("{}", syncer.plan::<Customer>().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the account is not known, the resource has no list, or Stripe refuses.
    pub async fn plan<M: StripeSync>(&self) -> Result<Plan, SyncError> {
        Box::pin(plan::plan(self, M::MODEL)).await
    }

    /// How far the newest `sync_all` of a model is, in whatever process; `None` if there was none.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn backfill_status<M: StripeSync>(
        &self,
    ) -> Result<Option<BackfillStatus>, SyncError> {
        Box::pin(status::state(self, M::MODEL)).await
    }
}
