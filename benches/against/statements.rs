//! The SQL statements of this process, by the events that sqlx emits for them.

use std::sync::atomic::{AtomicU64, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::Failed;

/// The target of sqlx's events.
const TARGET: &str = "sqlx::query";

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Takes sqlx's events and nothing else.
struct Statements;

/// Counts from now on.
pub(crate) fn count() -> Result<(), Failed> {
    Ok(tracing::subscriber::set_global_default(Statements)?)
}

/// The statements since they are counted.
pub(crate) fn so_far() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // sqlx asks first, with metadata that are no event's yet.
        !metadata.is_span() && metadata.target() == TARGET
    }

    fn event(&self, _: &Event<'_>) {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }

    // No span is enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
