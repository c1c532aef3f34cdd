//! How many pages are asked for at once.
//!
//! The number doubles from round to round, as in TCP's slow start, while the reader has to wait for Stripe, all that may
//! be asked for is asked for, and no request waits. It ends at what the rate needs, and where no rate limits it at what
//! 429s, the memory of pages under way, and the writer allow.

use crate::client::{Load, Pressure};

use crate::sync::backfill::slice::splits::PAGES_A_SLICE;

/// Pages that are asked for at once before anything was learned: at 100 ms a page that is more than Stripe's 25 requests a
/// second to one endpoint.
const FIRST_LIMIT: usize = 4;
/// The most pages that are asked for at once. It leaves a third of the client's places to what else it is asked for.
const MOST_AT_ONCE: usize = 64;
/// The most bytes of pages that are asked for at once; pages that came and wait for the writer have as much beside.
const BYTES_IN_FLIGHT: usize = 16 << 20;
/// The weight of one page in the smoothed size of pages, as that of the latency in the budget.
const SIZE_WEIGHT: f64 = 1.0 / 8.0;
/// Rounds in which no request waited, after which one page more is asked for at once than the rate needs: on a busy machine
/// an answer is at hand later than it came.
const WITHOUT_WAITING: usize = 2;
/// Where requests wait for each other's answers, a quarter is too many, as where Stripe refuses them.
const CUT: (usize, usize) = (3, 4);

/// About how many of so many pages are asked for at once where no rate limits them: as many as they are worth slices.
pub(crate) fn concurrency_of(pages: u64) -> u64 {
    (pages / PAGES_A_SLICE.unsigned_abs()).clamp(FIRST_LIMIT as u64, MOST_AT_ONCE as u64)
}

/// The number of pages that are asked for at once, and what it follows from.
#[derive(Debug, Default)]
pub(crate) struct Concurrency {
    limit: usize,
    /// Answers that may widen it before the reader waits for Stripe once more.
    growth: usize,
    /// Answers in a row at which no request had waited.
    without_waiting: usize,
    /// Answers before it may be narrowed again: those of requests that were sent before say nothing new.
    settling: usize,
    /// The smoothed size of a page, in bytes.
    page_bytes: f64,
}

impl Concurrency {
    /// The concurrency of an endpoint; where the client knows what its rate needs, it begins with that.
    pub(crate) fn begin(pressure: Option<Pressure>) -> Self {
        let is_known = |load: &Load| load.rate.is_finite() && load.latency.is_some();
        let known = pressure.filter(|pressure| is_known(&pressure.endpoint));
        let limit = known.map_or(FIRST_LIMIT, |pressure| pressure.readers().min(MOST_AT_ONCE));
        Self {
            limit,
            ..Self::default()
        }
    }

    /// How many pages are asked for at once.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// No answer is there: with more requests under way there might be one.
    pub(crate) fn starves(&mut self) {
        self.growth = self.limit;
    }

    /// The writer does not keep up: more pages would only wait for it.
    pub(crate) fn is_behind(&mut self) {
        self.growth = 0;
    }

    /// Learns from an answer that came while so many requests were under way, this one included.
    pub(crate) fn answered(&mut self, pressure: &Pressure, under_way: usize) {
        self.settling = self.settling.saturating_sub(1);
        if pressure.waits_for_answers() && self.settling == 0 {
            // Others of the account take the places that are missing here.
            self.settling = self.limit;
            self.limit = (self.limit * CUT.0 / CUT.1).max(FIRST_LIMIT.min(self.limit));
        }
        let most = self.most().min(pressure.in_flight_limit());
        let needed = pressure.readers();
        let is_short = under_way >= self.limit && !pressure.waits();
        self.without_waiting = if is_short {
            self.without_waiting + 1
        } else {
            0
        };
        if is_short
            && self.growth > 0
            && self.limit < most
            && (self.limit < needed || self.without_waiting >= WITHOUT_WAITING * self.limit)
        {
            self.growth -= 1;
            self.without_waiting = 0;
            self.limit += 1;
        } else if pressure.waits() && self.limit > needed && self.settling == 0 {
            self.settling = self.limit;
            self.limit -= 1;
        }
        self.limit = self.limit.min(most).max(1);
    }

    /// Learns how large a page was.
    pub(crate) fn weigh(&mut self, bytes: usize) {
        let bytes = bytes as f64;
        if self.page_bytes == 0.0 {
            self.page_bytes = bytes;
        }
        self.page_bytes += (bytes - self.page_bytes) * SIZE_WEIGHT;
    }

    fn most(&self) -> usize {
        // At least a byte, and saturating: nothing is lost that matters.
        let by_size = (BYTES_IN_FLIGHT as f64 / self.page_bytes.max(1.0)) as usize;
        by_size.clamp(FIRST_LIMIT, MOST_AT_ONCE)
    }
}

#[cfg(test)]
mod tests;
