//! `listen`.

use chrono::{DateTime, Utc};
use clap::Args;

/// The arguments of `listen`, as `stripe listen` has them.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Where events are posted: localhost:3000/stripe/webhook, http://…; without it they are printed
    #[arg(short, long, value_name = "URL")]
    pub(crate) forward_to: Option<String>,
    /// Only these types: invoice.paid, 'invoice.*' [default: all]
    #[arg(short, long, value_name = "TYPE", num_args = 1.., value_delimiter = ',')]
    pub(crate) events: Vec<String>,
    /// A header of each request: 'Authorization: Bearer …'
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Begin with what happens from now on, and not behind the last event that was forwarded
    #[arg(long, conflicts_with = "since")]
    pub(crate) latest: bool,
    /// Begin with what happened since: 12h, 2026-01-31; Stripe keeps events for 30 days
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::past)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Print the secret that events are signed with, and end
    #[arg(long)]
    pub(crate) print_secret: bool,
}
