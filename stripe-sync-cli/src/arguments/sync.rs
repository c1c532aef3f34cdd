//! `sync`.

use chrono::{DateTime, Utc};
use clap::Args;

/// The arguments of `sync`.
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// A resource (`customer`), its plural, its table, or an id (`cus_123`, `coupon:SUMMER`); all of this program's models if
    /// none is given
    #[arg(value_name = "RESOURCE or ID")]
    pub(crate) targets: Vec<String>,
    /// Only what was created since: 30d, 2026-01-31. What is older is neither read nor removed
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::past)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Begin at the first page, also where an earlier run was stopped
    #[arg(long)]
    pub(crate) restart: bool,
    /// Compare every column, also of rows that look unchanged, and write what differs: for tables that others wrote to
    #[arg(long)]
    pub(crate) rewrite: bool,
    /// Let tables take the models' filters, which held rows of other filters
    #[arg(long)]
    pub(crate) change_filter: bool,
    /// Print what it would cost, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The most requests a second [default: four fifths of Stripe's limits]
    #[arg(long, value_name = "REQUESTS", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Do not create tables, nor add columns
    #[arg(long)]
    pub(crate) no_migrate: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err(format!("expected a number above 0, got `{text}`")),
    }
}
