//! What may be written on the command line.

use std::net::IpAddr;

use clap::{Parser, ValueEnum};
use fake_stripe::RateLimits;

/// A fake Stripe: serves made-up objects as Stripe's API does, until it is stopped
///
/// Point a Stripe client at the address that is printed, in place of https://api.stripe.com, with the key that is printed.
/// Lists, retrieves, searches and deletes are served for every resource; webhook endpoints can be created too. What is not
/// simulated is refused with the code not_simulated.
/// Nothing is stored: the next start begins empty.
#[derive(Debug, Parser)]
#[command(
    name = "fake-stripe",
    version,
    after_help = "Examples:\n  \
        fake-stripe customer=1000 subscription=200\n  \
        fake-stripe customer=1000 --limits live --latency 100\n  \
        fake-stripe customer=10 --webhook http://localhost:3000/stripe --changes 1\n\n\
        Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 failed (the port is in use), 2 wrong arguments."
)]
pub(crate) struct Arguments {
    /// What to make up, in this order: Stripe's name of an object and how many
    ///
    /// Objects refer to those that were made before them, so customers come before their subscriptions.
    #[arg(value_name = "OBJECT=COUNT")]
    pub(crate) objects: Vec<String>,

    /// The port; 0 takes a free one
    #[arg(
        short,
        long,
        value_name = "PORT",
        default_value_t = 12111,
        help_heading = "Server"
    )]
    pub(crate) port: u16,
    /// The address to listen on; 0.0.0.0 inside of a container
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1",
        help_heading = "Server"
    )]
    pub(crate) host: IpAddr,
    /// The secret key that requests have to carry; sk_live_… is one of live mode [default: one that is made up]
    #[arg(long, value_name = "KEY", help_heading = "Server")]
    pub(crate) key: Option<String>,
    /// Make up a key of live mode
    #[arg(long, conflicts_with = "key", help_heading = "Server")]
    pub(crate) live: bool,
    /// Answer clients that ask for another API version too, in the shape of this one, with a warning on standard error
    #[arg(long, help_heading = "Server")]
    pub(crate) any_version: bool,

    /// Another seed makes other objects
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        help_heading = "Objects"
    )]
    pub(crate) seed: u64,
    /// Hold the clock at this time, in Unix seconds [default: the clock of this machine]
    #[arg(long, value_name = "SECONDS", help_heading = "Objects")]
    pub(crate) now: Option<i64>,
    /// Change so many objects a second, one in four of them a new one, so that there are events
    #[arg(long, value_name = "PER_SECOND", value_parser = rate, help_heading = "Objects")]
    pub(crate) changes: Option<f64>,

    /// Post all events to this URL, signed as Stripe signs them; may be repeated
    #[arg(long, value_name = "URL", help_heading = "Webhooks")]
    pub(crate) webhook: Vec<String>,
    /// What they are signed with [default: a secret that is made up for each URL]
    #[arg(
        long,
        value_name = "SECRET",
        requires = "webhook",
        help_heading = "Webhooks"
    )]
    pub(crate) webhook_secret: Option<String>,

    /// Refuse requests above the rate limits that Stripe has for such an account
    #[arg(
        long,
        value_enum,
        value_name = "ACCOUNT",
        default_value_t,
        help_heading = "Trouble"
    )]
    pub(crate) limits: Limits,
    /// Hold each answer back
    #[arg(
        long,
        value_name = "MILLISECONDS",
        default_value_t = 0,
        help_heading = "Trouble"
    )]
    pub(crate) latency: u64,
    /// Let this share of the requests (0 to 1) fail: with 429, 500, a broken connection or half a body
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share, help_heading = "Trouble")]
    pub(crate) errors: f64,
}

/// An account whose rate limits are enforced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Limits {
    /// No limits
    #[default]
    None,
    /// 100 requests a second, 25 of one endpoint
    Live,
    /// 25 requests a second
    Sandbox,
}

impl From<Limits> for RateLimits {
    fn from(limits: Limits) -> Self {
        match limits {
            Limits::None => Self::none(),
            Limits::Live => Self::live(),
            Limits::Sandbox => Self::sandbox(),
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1000.0 => Ok(rate),
        _ => Err("expected a number above 0, and at most 1000".to_owned()),
    }
}
