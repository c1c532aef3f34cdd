//! Which share of the time that its lists are about a run has read: Stripe's lists do not say how many objects they have.

use crate::sync::backfill::run::BackfillRun;
use crate::sync::backfill::slice::OpenSlice;
use crate::sync::list::{OVERLAP, Pager};

/// The share, from 0 to 1, as far as this process reads it; `None` where no list has an order in time. Lists without one, such
/// as those of parents, do not count.
pub(crate) fn covered(backfill: &BackfillRun<'_>, slices: &[OpenSlice]) -> Option<f64> {
    let is_timed = |list: &&Pager| list.created.is_some() && list.is_of_rows();
    let lists = backfill.lists.iter().filter(is_timed).count();
    if lists == 0 {
        return None;
    }
    let newest = backfill.guard.watermark?;
    let oldest = backfill
        .floor
        .max(backfill.options.since.unwrap_or(i64::MIN))
        .max(backfill.newer.map_or(i64::MIN, |newer| newer - OVERLAP));
    let whole = (newest - oldest).max(1) as f64 * lists as f64;
    let left: i64 = slices.iter().map(|slice| slice.left(newest, oldest)).sum();
    Some((1.0 - left as f64 / whole).clamp(0.0, 1.0))
}
