//! What a person is told of, and the nightly verification.

use chrono::NaiveTime;

use crate::live::service::LiveBuilder;
use crate::live::service::alarm::AlarmUpdate;
use crate::live::service::alarm::limits::AlarmLimits;
use crate::live::service::night::Night;
use crate::sync::VerifyOptions;

impl LiveBuilder {
    /// Calls a function when an [alarm](crate::live::Alarm) begins, again every few hours while it lasts, and when it is over.
    /// [`run`](crate::live::Live::run) looks every minute whether anything is wrong; a job without it calls
    /// [`check_alarms`](crate::live::Live::check_alarms). The last function that is given is called.
    ///
    /// It must not block: hand the alarm to a task or a channel where it leads to a request. One that panics is logged. Each
    /// alarm is logged too, with this function or without it.
    ///
    /// Each process raises what it notices, so of several processes on one database more than one may tell of the same:
    /// [`Alarm::key`](crate::live::Alarm::key) is the same in each.
    ///
    /// ```no_run
    /// # fn run(builder: stripe_sync::live::LiveBuilder) -> stripe_sync::live::LiveBuilder {
    /// use stripe_sync::live::AlarmState;
    ///
    /// let (send, mut alarms) = tokio::sync::mpsc::unbounded_channel();
    /// tokio::spawn(async move {
    ///     while let Some((key, state, text)) = alarms.recv().await {
    ///         // Here goes the request that opens an incident by its key, or closes it.
    ///         match state {
    ///             AlarmState::Cleared => println!("close {key}: {text}"),
    ///             _ => println!("open {key}: {text}"),
    ///         }
    ///     }
    /// });
    /// builder.on_alarm(move |update| {
    ///     let _ = send.send((update.alarm.key(), update.state, update.to_string()));
    /// })
    /// # }
    /// ```
    pub fn on_alarm(mut self, alarm: impl Fn(&AlarmUpdate) + Send + Sync + 'static) -> Self {
        self.on_alarm = Some(Box::new(alarm));
        self
    }

    /// Verifies every model each night, as [`Syncer::verify`](crate::Syncer::verify) does, at a time of day in UTC: proves that
    /// its table equals Stripe, and raises [`Alarm::Drift`](crate::live::Alarm::Drift) where it does not.
    ///
    /// [`run`](crate::live::Live::run) does so, in one process of all that share the database. Its requests are those of
    /// [`Stripe::leftover`](crate::Stripe::leftover): they wait until no other request of the process wants their place. A model that
    /// fails does not stop the others. Set the same time in every process.
    ///
    /// A night that comes while no process runs is made up for by the next one that starts, if the last verified night is
    /// more than a day ago. The first night is the first whose moment comes while a process runs.
    ///
    /// ```no_run
    /// # fn run(builder: stripe_sync::live::LiveBuilder) -> stripe_sync::live::LiveBuilder {
    /// use stripe_sync::reexport::chrono::NaiveTime;
    ///
    /// let at = NaiveTime::from_hms_opt(3, 30, 0).unwrap_or_default();
    /// builder.verify_nightly(at)
    /// # }
    /// ```
    pub fn verify_nightly(self, at: NaiveTime) -> Self {
        self.verify_nightly_with(at, VerifyOptions::default())
    }

    /// [`verify_nightly`](Self::verify_nightly) with settings: with [`fix`](VerifyOptions::fix) what is drift is mended, and is no
    /// alarm.
    pub fn verify_nightly_with(mut self, at: NaiveTime, options: VerifyOptions) -> Self {
        self.night = Some(Night { at, options });
        self
    }

    /// From when on something is an alarm, and how often it is told.
    pub fn alarm_limits(mut self, limits: AlarmLimits) -> Self {
        self.alarm_limits = limits;
        self
    }
}
