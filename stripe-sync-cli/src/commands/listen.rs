//! `listen`: the account's events to a local service.

mod forward;
mod secret;

use std::time::Duration;

use serde::Serialize;
use stripe_sync::SyncError;
use stripe_sync::client::API_VERSION;
use stripe_sync::live::EventFollower;
use stripe_sync::webhook::Event;

use crate::arguments::Listen;
use crate::connect::Session;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::key;
use crate::program::Call;
use crate::signals::Signals;
use forward::{Answer, Forwarder};

/// How often the list of events is looked at: a request each time.
const EVERY: Duration = Duration::from_secs(1);
/// The longest pause before Stripe, the database or the service is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// An event, and what became of it.
#[derive(Serialize)]
struct Line<'e> {
    id: &'e str,
    kind: &'e str,
    created: i64,
    /// The service's answer; nothing where events are printed alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

pub(super) async fn run(call: &Call, arguments: Listen) -> Result<Exit, Failure> {
    let secret = secret::of(&key::read(&call.settings.api_key)?);
    if arguments.print_secret {
        call.output
            .record("secret", &serde_json::json!({ "secret": secret }))?;
        call.output.line(&secret)?;
        return Ok(Exit::Done);
    }
    let forwarder = match &arguments.forward_to {
        Some(target) => Some(Forwarder::new(target, &arguments.headers, &secret)?),
        None => None,
    };
    let session = Session::open(call, None).await?;
    let signals = Signals::watch();
    // Two that forward to two places are two: each is given every event.
    let name = match &forwarder {
        Some(forwarder) => format!("listen {}", forwarder.target()),
        None => "listen".to_owned(),
    };
    let mut listening = Listening {
        call,
        types: &arguments.events,
        forwarder,
        signals,
        tries: 0,
    };
    let done = listening.run(&session, &name, &arguments, &secret).await;
    session.close().await;
    done
}

struct Listening<'c> {
    call: &'c Call,
    types: &'c [String],
    forwarder: Option<Forwarder>,
    signals: Signals,
    /// How often something failed in a row.
    tries: u32,
}

impl Listening<'_> {
    async fn run(
        &mut self,
        session: &Session,
        name: &str,
        arguments: &Listen,
        secret: &str,
    ) -> Result<Exit, Failure> {
        let follower = EventFollower::new(&session.syncer, name);
        let mut follower = tokio::select! {
            follower = follower => follower?,
            stopped = self.signals.stopped() => return Ok(stopped),
        };
        if arguments.latest {
            follower.begin_now().await?;
        } else if let Some(since) = arguments.since {
            follower.begin_at(since).await?;
        }
        self.say(&match &self.forwarder {
            Some(forwarder) => format!(
                "> Ready! You are using Stripe API Version [{API_VERSION}]. Events go to {}. Your webhook signing secret is {secret} (^C to quit)",
                forwarder.target()
            ),
            None => format!("> Ready! You are using Stripe API Version [{API_VERSION}]. Events are printed (^C to quit)"),
        });
        loop {
            let next = tokio::select! {
                next = follower.next() => next,
                stopped = self.signals.stopped() => return Ok(stopped),
            };
            let more = match next {
                Ok(followed) => {
                    self.tries = 0;
                    if followed.gap {
                        tracing::warn!(
                            "Stripe keeps events for 30 days: those before are lost to this command"
                        );
                    }
                    for event in &followed.events {
                        if let Some(stopped) = self.event(&follower, event).await? {
                            return Ok(stopped);
                        }
                    }
                    followed.has_more
                }
                Err(error) if may_pass(&error) => {
                    if let Some(stopped) = self.failed(&error.to_string()).await {
                        return Ok(stopped);
                    }
                    true
                }
                Err(error) => return Err(error.into()),
            };
            if !more {
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    stopped = self.signals.stopped() => return Ok(stopped),
                }
            }
        }
    }

    /// Forwards one event until the service answers, and notes it; returns what the command is ended with, if it is.
    async fn event(
        &mut self,
        follower: &EventFollower,
        event: &Event,
    ) -> Result<Option<Exit>, Failure> {
        if !self.wants(event.kind()) {
            return Ok(None);
        }
        let now = || chrono::Local::now().format("%Y-%m-%d %H:%M:%S");
        self.call
            .output
            .line(format!("{}   --> {} [{}]", now(), event.kind(), event.id()))?;
        let mut status = None;
        while let Some(forwarder) = &self.forwarder {
            // A signal waits for the answer: the service may have the event already. A second one does not.
            let answer = forwarder.send(event).await;
            match answer {
                Answer::Status(code) => {
                    let target = forwarder.target();
                    self.call.output.line(format!(
                        "{}  <--  [{code}] POST {target} [{}]",
                        now(),
                        event.id()
                    ))?;
                    status = Some(code);
                    break;
                }
                Answer::Down(reason) => {
                    if let Some(stopped) = self.failed(&reason).await {
                        return Ok(Some(stopped));
                    }
                }
            }
        }
        self.tries = 0;
        let line = Line {
            id: event.id(),
            kind: event.kind(),
            created: event.created().timestamp(),
            status,
        };
        self.call.output.record("event", &line)?;
        // A signal does not come between the answer and the note.
        while let Err(error) = follower.note(event).await {
            if !may_pass(&error) {
                return Err(error.into());
            }
            if let Some(stopped) = self.failed(&error.to_string()).await {
                return Ok(Some(stopped));
            }
        }
        Ok(self.signals.received())
    }

    fn wants(&self, kind: &str) -> bool {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => kind.starts_with(beginning),
            None => pattern == kind,
        };
        self.types.is_empty() || self.types.iter().any(fits)
    }

    /// Waits before the next try; returns what the command is ended with, if it is.
    async fn failed(&mut self, reason: &str) -> Option<Exit> {
        let pause = Duration::from_millis(500)
            .saturating_mul(1 << self.tries.min(5))
            .min(LONGEST_PAUSE);
        self.tries += 1;
        tracing::warn!("{reason}; tried again in {:.1} s", pause.as_secs_f64());
        tokio::select! {
            () = tokio::time::sleep(pause) => None,
            stopped = self.signals.stopped() => Some(stopped),
        }
    }

    /// Says something to whoever looks on, beside the data.
    fn say(&self, text: &str) {
        use std::io::Write as _;
        // Where that fails, nobody is left who reads.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

/// Whether a failure may be over by itself.
fn may_pass(error: &SyncError) -> bool {
    match error.root() {
        SyncError::Stripe(error) => !error.is_unauthorized() && !error.is_permission(),
        SyncError::Store(_) | SyncError::Page { .. } => true,
        _ => false,
    }
}
