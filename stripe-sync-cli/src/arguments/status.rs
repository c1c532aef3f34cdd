//! `status`.

use std::time::Duration;

use clap::Args;

/// The arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Show it again every two seconds, until it is interrupted
    #[arg(long)]
    pub(crate) watch: bool,
    /// End with exit code 3 if an event waits for longer: 60s, 5m
    #[arg(long, value_name = "TIME", value_parser = crate::moment::duration)]
    pub(crate) max_lag: Option<Duration>,
}
