//! What may be written on the command line.

mod events;
mod listen;
mod migrate;
mod status;
mod sync;
mod webhook;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

pub(crate) use events::{EventsCommand, Fetch, List, ProcessEvents, Replay, Show};
pub(crate) use listen::Listen;
pub(crate) use migrate::{Dialect, MigrateCommand};
pub(crate) use status::Status;
pub(crate) use sync::Sync;
pub(crate) use webhook::{Create, Delete, Rotate, WebhookCommand};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Mirrors Stripe into this program's own tables
#[derive(Debug, Parser)]
#[command(
    version,
    styles = STYLES,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done, 1 failed or objects failed, 2 usage, 3 unhealthy, 4 migrations pending, 5 no access, \
                  130 and 143 stopped and resumable.\n\
                  Settings: a flag, then the environment, then stripe-sync.toml, then the default; `config print` shows them."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) settings: Flags,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags that every command takes.
#[derive(Debug, Default, Clone, Args)]
pub(crate) struct Flags {
    /// The database: sqlite:FILE, postgres://… or mysql://… [env: DATABASE_URL] [default: sqlite:stripe.db]
    #[arg(
        short,
        long,
        global = true,
        value_name = "URL",
        help_heading = "Settings"
    )]
    pub(crate) database: Option<String>,
    /// Stripe's secret key; others can see it here: use STRIPE_SECRET_KEY or --api-key-file
    #[arg(long, global = true, value_name = "KEY", help_heading = "Settings")]
    pub(crate) api_key: Option<String>,
    /// A file with Stripe's secret key [env: STRIPE_SECRET_KEY has the key itself]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Settings",
        conflicts_with = "api_key"
    )]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Another server than Stripe's, such as a fake Stripe [env: STRIPE_API_BASE]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub(crate) api_base: Option<String>,
    /// Act for this connected account
    #[arg(long, global = true, value_name = "ACCT", help_heading = "Settings")]
    pub(crate) account: Option<String>,
    /// The file with settings [default: stripe-sync.toml here or in a directory above]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub(crate) config: Option<PathBuf>,
    /// How standard output is written [default: human]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(crate) format: Option<Format>,
    /// Whether colors are used [env: NO_COLOR] [default: auto]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        help_heading = "Output"
    )]
    pub(crate) color: Option<Color>,
    /// Say nothing but errors on standard error
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Output",
        conflicts_with = "verbose"
    )]
    pub(crate) quiet: bool,
    /// Say more; twice says most
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

/// How standard output is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Tables and sentences
    #[default]
    Human,
    /// One JSON object a line, a summary last
    Json,
}

/// Whether colors are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Mirror resources, or single objects by their ids
    Sync(Sync),
    /// List, show, fetch and replay events
    #[command(subcommand)]
    Events(EventsCommand),
    /// The events that dj-stripe's command of this name processes: fetches them, or replays those that are stored
    ProcessEvents(ProcessEvents),
    /// Forward the account's events to a local service, signed, without a tunnel
    Listen(Listen),
    /// List, create, rotate and delete webhook endpoints
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Show how far each table is behind Stripe, and what failed
    Status(Status),
    /// Print, run and check the statements of the tables
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual as a page for man(1)
    Man,
}

/// What is done with the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the settings in effect, and where each comes from; a key is never shown
    Print,
}
