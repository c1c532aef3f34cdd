//! The service: works, catches up and forgets until its future is dropped.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::live::deliver::Messages;
use crate::live::poll::CatchUpReport;
use crate::live::service::{Live, ProcessStats};
use crate::live::work::objects::Objects;
use crate::live::worker::{Stop, unless_stopped};
use crate::store::events::queue::debounce::Debounce;
use crate::sync::error::SyncError;

/// How often objects are forgotten of which no event told since their last read.
const QUIET_EVERY: Duration = Duration::from_secs(1);
/// The pause after an error of Stripe or the database as a whole.
const AFTER_ERROR: Duration = Duration::from_secs(5);
/// How much rarer the lists of connected accounts are followed than the key's own. Each account has an allowance of reads,
/// of 10,000 a month at the least: every ten minutes are 4,320.
const ACCOUNTS_RARER: u32 = 10;
/// How long it is waited, when a service has stopped, until the database knows what is given back.
const RELEASED_WITHIN: Duration = Duration::from_secs(1);
/// How often old events are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);

impl Live {
    /// Processes what is received, by this process or another, follows Stripe's list of events as a safety net, and
    /// forgets old events. It never returns: spawn it, and abort it or drop it to stop, or use
    /// [`run_until`](Self::run_until). What it was at is given back for others, or for the next start. What goes wrong is
    /// told to `tracing`, and tried again.
    pub async fn run(self) {
        let (_stop, not_stopped) = watch::channel(Stop::Not);
        Box::pin(self.serve(not_stopped)).await;
    }

    /// The same until a signal comes: then nothing more is begun, what is in hand is finished, as far as that takes no longer
    /// than [`stop_within`](crate::live::LiveBuilder::stop_within), and the rest is given back, so that the next process begins at
    /// once.
    ///
    /// ```no_run
    /// # async fn run(live: stripe_sync::live::Live) {
    /// live.run_until(async {
    ///     // Or SIGTERM, with `tokio::signal::unix`.
    ///     let _ = tokio::signal::ctrl_c().await;
    /// })
    /// .await;
    /// # }
    /// ```
    pub async fn run_until(self, signal: impl Future<Output = ()>) {
        let (stop, stopping) = watch::channel(Stop::Not);
        let mut serving = Box::pin(self.clone().serve(stopping));
        tokio::select! {
            () = &mut serving => {}
            () = signal => {}
        }
        stop.send_replace(Stop::Finish);
        if timeout(self.shared.stop_within, &mut serving)
            .await
            .is_err()
        {
            stop.send_replace(Stop::GiveBack);
            serving.await;
        }
        // They end by themselves, if the database is not there.
        let _ = timeout(RELEASED_WITHIN, self.released()).await;
    }

    async fn serve(self, stop: watch::Receiver<Stop>) {
        tokio::join!(
            self.work_on(Objects::new(&self, Debounce::Steady), &stop, AFTER_ERROR),
            self.work_on(Messages::new(&self), &stop, AFTER_ERROR),
            unless_stopped(&stop, self.follow_lists()),
        );
    }

    /// Does what is to be done now and then, for ever.
    async fn follow_lists(&self) {
        tokio::join!(
            every(self.shared.catch_up_every, || async {
                let caught_up = self.catch_up_own().await?;
                tracing::debug!(
                    name: "stripe_sync.caught_up",
                    listed = caught_up.listed,
                    new = caught_up.new,
                    gap = caught_up.gap,
                    "listed events were followed"
                );
                Ok(())
            }),
            every(self.accounts_every(), || async {
                // Of several processes the first that comes does it.
                let lately = self.accounts_every().unwrap_or_default() / 2;
                self.catch_up_accounts(lately, &mut CatchUpReport::default())
                    .await
            }),
            every(Some(QUIET_EVERY), || async {
                let own = self.prepare().await?;
                Ok(self.store().purge_quiet(own.livemode).await?)
            }),
            self.watch_alarms(),
            self.watch_nights(),
            every(Some(FORGET_EVERY), || async {
                self.purge_expired().await?;
                self.say_unheard().await
            }),
        );
    }

    async fn watch_nights(&self) {
        let begun = chrono::Utc::now();
        while let Some(wait) = self.until_night() {
            if let Err(error) = self.verify_if_night(begun).await {
                tracing::error!(name: "stripe_sync.live_failed", %error, "the tables are not verified");
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn watch_alarms(&self) {
        let pause = self.shared.alarm_limits.check_every;
        // At its start a service has to catch up first.
        tokio::time::sleep(pause).await;
        every(Some(pause), || async {
            self.check_alarms().await.map(drop)
        })
        .await;
    }

    /// How often the lists of connected accounts are followed.
    fn accounts_every(&self) -> Option<Duration> {
        let every = self.shared.catch_up_every?;
        Some(every.saturating_mul(ACCOUNTS_RARER))
    }

    /// Processes all that is due now, in this process, and returns when there is nothing more: for a job that runs from
    /// time to time, and for tests. [`run`](Self::run) does so all the time.
    ///
    /// # Errors
    /// When the account is not known, or the database fails. An object that fails is tried again later.
    pub async fn drain(&self) -> Result<ProcessStats, SyncError> {
        let mut processed = ProcessStats::default();
        // Nobody stops it.
        let (_stop, not_stopped) = watch::channel(Stop::Not);
        let mut objects = Objects::new(self, Debounce::AtOnce);
        let mut messages = Messages::new(self);
        loop {
            let (mut refreshed, mut delivered) = (ProcessStats::default(), ProcessStats::default());
            let (refreshing, delivering) = tokio::join!(
                Box::pin(self.work_through(&mut objects, &not_stopped, &mut refreshed)),
                Box::pin(self.work_through(&mut messages, &not_stopped, &mut delivered)),
            );
            processed.add(&refreshed);
            processed.add(&delivered);
            if !(refreshing? | delivering?) {
                self.say_unheard().await?;
                return Ok(processed);
            }
        }
    }

    /// Logs which types of events handlers name that come in the other form alone, if this process may have received any.
    async fn say_unheard(&self) -> Result<(), SyncError> {
        if self.shared.unheard.take() {
            self.count_unheard().await?;
        }
        Ok(())
    }
}

/// Does something now and then; `None` is never.
async fn every<F: Future<Output = Result<(), SyncError>>>(
    interval: Option<Duration>,
    work: impl Fn() -> F,
) {
    let Some(interval) = interval else {
        return std::future::pending().await;
    };
    loop {
        if let Err(error) = work().await {
            tracing::error!(name: "stripe_sync.live_failed", %error, "the service goes on");
        }
        tokio::time::sleep(interval).await;
    }
}
