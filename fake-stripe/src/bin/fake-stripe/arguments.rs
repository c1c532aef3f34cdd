//! What may be written on the command line.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use fake_stripe::RateLimits;

/// A fake Stripe: serves made-up objects as Stripe's API does, until it is stopped
///
/// Point a Stripe client at the address that is printed, in place of https://api.stripe.com, with any key of test mode.
/// Lists, retrieves, searches and deletes are served for every resource; webhook endpoints can be created too. What is not
/// simulated is refused with the code not_simulated.
/// A test creates and changes objects, plays faults and moves the clock with the control API: GET /_fake lists its routes.
/// Nothing is stored: the next start begins empty.
#[derive(Debug, Parser)]
#[command(
    name = "fake-stripe",
    version,
    after_help = "Examples:\n  \
        fake-stripe customer=1000 subscription=200\n  \
        fake-stripe customer=1000 --limits live --latency 100\n  \
        fake-stripe customer=10 --webhook http://localhost:3000/stripe --changes 1\n  \
        fake-stripe customer=10 --webhook http://localhost:3000/stripe --hold-webhooks\n  \
        fake-stripe customer=10 --tls --tls-cert /tmp/fake-stripe.pem\n\n\
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
    /// The one key that requests have to carry; sk_live_… is one of live mode [default: one that is made up, and any of test mode]
    #[arg(long, value_name = "KEY", help_heading = "Server")]
    pub(crate) key: Option<String>,
    /// Make up a key of live mode
    #[arg(long, conflicts_with = "key", help_heading = "Server")]
    pub(crate) live: bool,
    /// Take every key that begins with sk_test_ or rk_test_, whatever follows [default: true, and false with --key]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Server"
    )]
    pub(crate) any_key: Option<bool>,
    /// Answer clients that ask for another API version too, in the shape of this one, with a warning on standard error
    #[arg(long, help_heading = "Server")]
    pub(crate) any_version: bool,
    /// Serve no control API below /_fake
    #[arg(long, help_heading = "Server")]
    pub(crate) no_control: bool,
    /// Serve HTTPS, with a certificate for localhost, 127.0.0.1, ::1 and api.stripe.com that is made at the start
    #[arg(long, help_heading = "Server")]
    pub(crate) tls: bool,
    /// Write the certificate that clients have to trust to this file, in PEM (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS)
    #[arg(long, value_name = "FILE", requires = "tls", help_heading = "Server")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Another name that clients reach the server by, such as that of its container; may be repeated
    #[arg(long, value_name = "NAME", requires = "tls", help_heading = "Server")]
    pub(crate) tls_name: Vec<String>,

    /// Another seed makes other objects
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        help_heading = "Objects"
    )]
    pub(crate) seed: u64,
    /// Hold the clock at this time, in Unix seconds, until the control API moves it [default: it goes with this machine's]
    #[arg(long, value_name = "SECONDS", help_heading = "Objects")]
    pub(crate) now: Option<i64>,
    /// Record the events that the objects made when they came to be, at the time of each
    #[arg(long, help_heading = "Objects")]
    pub(crate) past_events: bool,
    /// Make this share of the objects (0 to 1) strange: odd texts, extreme amounts, ids of nothing, members at random
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share, help_heading = "Objects")]
    pub(crate) nasty: f64,
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
    /// Post nothing until POST /_fake/deliver asks for it
    #[arg(long, conflicts_with = "no_control", help_heading = "Webhooks")]
    pub(crate) hold_webhooks: bool,

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

impl Arguments {
    /// Whether keys of test mode are taken that were never issued. Who gives a key wants no other.
    pub(crate) fn takes_any_key(&self) -> bool {
        self.any_key.unwrap_or(self.key.is_none())
    }
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
