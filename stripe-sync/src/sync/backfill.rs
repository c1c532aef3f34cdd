//! A backfill run: every object that a resource's lists can show, what changed meanwhile, and what is gone.

pub(crate) mod catch_changes;
pub(crate) mod concurrency;
pub(crate) mod lease;
pub(crate) mod page_write;
pub(crate) mod plan;
pub(crate) mod reader;
pub(crate) mod refusals;
pub(crate) mod run;
pub(crate) mod since;
pub(crate) mod slice;
pub(crate) mod status;
pub(crate) mod sweep;

pub(crate) use lease::RunGuard;
pub(crate) use run::SyncAllOptions;
