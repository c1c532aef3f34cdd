//! `events` and `process-events`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use stripe_sync::live::EventState;

/// What is done with events.
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// List the stored events, the newest first
    List(List),
    /// Print one stored event as Stripe sent it
    Show(Show),
    /// Fetch events from Stripe, and store those that are not stored yet
    Fetch(Fetch),
    /// Put stored events back; the process with the handlers runs them once more
    Replay(Replay),
}

/// A state of stored events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    /// Waits, or failed and is tried again
    Pending,
    /// Is done
    Done,
    /// Failed for the last time
    Dead,
    /// Is of a type that nobody here wants
    Ignored,
}

impl From<State> for EventState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Done => Self::Done,
            State::Dead => Self::Dead,
            State::Ignored => Self::Ignored,
        }
    }
}

/// The arguments of `events list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only these ids
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub(crate) ids: Vec<String>,
    /// Only these types: invoice.paid, 'invoice.*'
    #[arg(long = "type", value_name = "TYPE", num_args = 1.., value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only events in this state
    #[arg(long, value_enum)]
    pub(crate) state: Option<State>,
    /// Only what was received since: 30d, 2026-01-31
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::past)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// The most events that are printed
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub(crate) limit: usize,
}

/// The arguments of `events show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The event's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// The arguments of `events fetch`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").args(["ids", "types", "failed"]))]
pub(crate) struct Fetch {
    /// These events, by their ids
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub(crate) ids: Vec<String>,
    /// Events of one type: invoice.paid, 'invoice.*'
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Option<String>,
    /// Events that at least one of the account's endpoints did not take
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only what happened since: 12h, 2026-01-31; Stripe keeps events for 30 days
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::past, conflicts_with = "ids")]
    pub(crate) since: Option<DateTime<Utc>>,
}

/// The arguments of `events replay`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["ids", "types", "state", "since", "all"]))]
pub(crate) struct Replay {
    /// These events, by their ids
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub(crate) ids: Vec<String>,
    /// Only these types: invoice.paid, 'invoice.*'
    #[arg(long = "type", value_name = "TYPE", num_args = 1.., value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only events in this state
    #[arg(long, value_enum)]
    pub(crate) state: Option<State>,
    /// Only what was received since: 12h, 2026-01-31
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::past)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Every stored event
    #[arg(long, conflicts_with_all = ["ids", "types", "state", "since"])]
    pub(crate) all: bool,
}

/// The arguments of `process-events`, as dj-stripe's command has them.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").args(["ids", "types", "failed", "stored"]))]
pub(crate) struct ProcessEvents {
    /// These events, by their ids
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub(crate) ids: Vec<String>,
    /// Events of one type: invoice.paid, 'invoice.*'
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Option<String>,
    /// Events that at least one of the account's endpoints did not take
    #[arg(long)]
    pub(crate) failed: bool,
    /// Events that are stored and are not done: they are put back
    #[arg(long)]
    pub(crate) stored: bool,
    /// Only what happened since: 12h, 2026-01-31
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::past, conflicts_with = "ids")]
    pub(crate) since: Option<DateTime<Utc>>,
}
