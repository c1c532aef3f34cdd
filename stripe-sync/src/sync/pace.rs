//! How many pages are asked for at once, and when a list is split.

use std::time::Duration;

use crate::client::Pressure;

use super::slice::PageRead;

/// Pages that are asked for at once in the beginning: at 100 ms a page that is more than Stripe's 25 requests a second to
/// one endpoint.
const FIRST_WIDTH: usize = 4;
/// The most pages that are asked for at once: 25 a second with answers that take a second, less what waits.
const WIDEST: usize = 24;
/// Answers in a row with room for more, after which one page more is asked for at once.
const CALM: u32 = 8;
/// Splits before the first page: enough for the first readers.
const FIRST_SPLITS: u64 = 4;
/// A split may cost one request more, a short page: so many pages make one that is worth it.
const PAGES_A_SPLIT: u64 = 40;
/// Pages, by what was read so far, below which a rest is not worth a split.
const WORTH_PAGES: i128 = 3;
/// Objects of a page.
const PAGE: i128 = 100;

/// What was seen of a walk's speed and density.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// How many pages are asked for at once.
    pub(crate) width: usize,
    calm: u32,
    /// Time in which nothing was there to do but to wait for Stripe.
    pub(crate) waited: Duration,
    pages: u64,
    pub(crate) splits: u64,
    objects: i128,
    /// The seconds between the first and the last object of the pages, added up.
    span: i128,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self {
            width: FIRST_WIDTH,
            ..Self::default()
        }
    }

    /// Learns from an answer: where one more reader would not only wait for the others, there may be one more.
    pub(crate) fn answered(&mut self, pressure: Pressure) {
        if !pressure.has_room() {
            self.calm = 0;
            return;
        }
        self.calm += 1;
        if self.calm >= CALM && self.width < WIDEST {
            self.calm = 0;
            self.width += 1;
        }
    }

    /// Learns from a page of a list that is ordered by time.
    pub(crate) fn read(&mut self, taken: PageRead) {
        self.pages += 1;
        self.objects += i128::try_from(taken.objects).unwrap_or_default();
        self.span += i128::from(taken.span);
    }

    /// Whether half of so many seconds, as dense as what was read, is worth a reader of its own.
    pub(crate) fn is_split_worth_it(&self, seconds: i64) -> bool {
        // One page that was not full says that nothing is left.
        if self.objects < PAGE || self.splits >= FIRST_SPLITS + self.pages / PAGES_A_SPLIT {
            return false;
        }
        i128::from(seconds) * self.objects >= WORTH_PAGES * PAGE * self.span
    }
}
