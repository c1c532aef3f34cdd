//! Whether splitting a slice is worth the request that it may cost.
//!
//! The first page of a slice that was split off is a probe: it counts as a page of the list, and says how dense the list is
//! there. A split costs a request where the probe finds next to nothing, and about half a page where it does: the last
//! page of the slice above reaches into the one below.

use std::ops::RangeInclusive;

use crate::sync::backfill::slice::PageRead;
use crate::sync::backfill::slice::density::PAGE;

/// Splits that are made by what the first page says alone: with it there are four readers.
const FIRST_SPLITS: u64 = 3;
/// A probe that finds a whole page pays for two splits, so that the number of slices can double with each answer.
const FULL_PROBE: u64 = 2;
/// Pages that pay for a split, wherever they come from: a list whose other probes found nothing may be dense where it is
/// read, and then a fortieth of the requests goes to finding that out.
const PAGES_A_SPLIT: u64 = 40;
/// Of so many pages that a list may have, one slice: half a page for each is three percent.
pub(crate) const PAGES_A_SLICE: i64 = 16;
/// Objects from which on a rest is worth a split, which may cost a request: with three pages, two readers are done a page
/// sooner than one.
const WORTH: i64 = 3 * PAGE;
/// Objects of a rest that is two pages to one reader, and one page to each of two: that costs no request. The number of
/// objects in a time is chance, and differs from what is expected by some ten in a hundred. Where the request that a split
/// may cost is one of many, the end of the list is worth it from here on.
const TWO_PAGES: RangeInclusive<i64> = 130..=180;

/// What splits were made, and how many more are paid for.
#[derive(Debug)]
pub(crate) struct Splits {
    made: i64,
    credit: u64,
    pages: u64,
}

impl Splits {
    pub(crate) fn new() -> Self {
        Self {
            made: 0,
            credit: FIRST_SPLITS,
            pages: 0,
        }
    }

    /// Learns from a page of rows in their order of time.
    pub(crate) fn read(&mut self, page: PageRead) {
        self.pages += 1;
        if self.pages.is_multiple_of(PAGES_A_SPLIT) {
            self.credit += 1;
        }
        if page.is_probe {
            self.credit += match i64::try_from(page.objects).unwrap_or(i64::MAX) {
                full if full >= PAGE => FULL_PROBE,
                half if half >= PAGE / 2 => 1,
                _ => 0,
            };
        }
    }

    /// Whether half of a rest with so many objects, by its density, is worth a reader of its own, of a list that has so
    /// many still to be read.
    pub(crate) fn is_worth_it(&self, rest: i64, whole: i64) -> bool {
        let pages = i64::try_from(self.pages).unwrap_or(i64::MAX);
        let slices = pages.saturating_add(whole / PAGE) / PAGES_A_SLICE;
        let least = match self.pages >= PAGES_A_SPLIT {
            true => *TWO_PAGES.start(),
            false => WORTH,
        };
        self.pages > 0
            && self.credit > 0
            && self.made < slices.max(FIRST_SPLITS.cast_signed())
            && (rest >= least || TWO_PAGES.contains(&rest))
    }

    /// Counts a split.
    pub(crate) fn count(&mut self) {
        self.made += 1;
        self.credit = self.credit.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rest that nobody could say is not worth a split.
    const MUCH: i64 = 1_000_000 * PAGE;

    fn page(objects: usize, is_probe: bool) -> PageRead {
        PageRead {
            objects,
            span: 1,
            is_probe,
        }
    }

    /// Makes all splits that are worth it, up to so many.
    fn split(splits: &mut Splits, most: u64) -> u64 {
        let mut made = 0;
        while made < most && splits.is_worth_it(MUCH, MUCH) {
            splits.count();
            made += 1;
        }
        made
    }

    #[test]
    fn nothing_is_split_before_its_first_page() {
        let mut splits = Splits::new();
        assert_eq!(split(&mut splits, u64::MAX), 0);
        splits.read(page(100, false));
        assert_eq!(split(&mut splits, u64::MAX), FIRST_SPLITS);
    }

    #[test]
    fn probes_that_find_objects_pay_for_twice_as_many() {
        let mut splits = Splits::new();
        splits.read(page(100, false));
        let mut slices = 1 + split(&mut splits, u64::MAX);
        for round in 0..4 {
            // Each slice is split once a round.
            let new = slices - 1;
            (0..new).for_each(|_| splits.read(page(100, true)));
            let made = split(&mut splits, slices);
            assert!(made >= slices - 1, "round {round}: {made} of {slices}");
            slices += made;
        }
        assert!(slices >= 48, "{slices}");
    }

    #[test]
    fn probes_that_find_nothing_pay_for_none() {
        let mut splits = Splits::new();
        splits.read(page(100, false));
        let mut made = split(&mut splits, u64::MAX);
        for _ in 0..10 * PAGES_A_SPLIT {
            (0..made).for_each(|_| splits.read(page(0, true)));
            splits.read(page(100, false));
            made = split(&mut splits, u64::MAX);
        }
        let (made, pages) = (splits.made.unsigned_abs(), splits.pages);
        assert!(
            made <= FIRST_SPLITS + pages / PAGES_A_SPLIT,
            "{made} for {pages} pages"
        );
    }

    #[test]
    fn a_list_has_no_more_slices_than_its_pages_are_worth() {
        for (pages, most) in [(3, 3), (100, 6), (1_000, 62)] {
            let mut splits = Splits::new();
            splits.read(page(100, false));
            let mut made = 0;
            while splits.is_worth_it(pages * PAGE, (pages - 1) * PAGE) {
                splits.count();
                splits.credit += FULL_PROBE;
                made += 1;
            }
            assert_eq!(made, most, "{pages} pages");
        }
    }

    #[test]
    fn a_rest_is_split_where_two_readers_are_sooner_done() {
        let mut splits = Splits::new();
        splits.read(page(100, false));
        for (rest, expected) in [
            (100, false),
            (150, true),
            (200, false),
            (299, false),
            (300, true),
        ] {
            assert_eq!(splits.is_worth_it(rest, MUCH), expected, "{rest}");
        }
        (0..PAGES_A_SPLIT).for_each(|_| splits.read(page(100, false)));
        for (rest, expected) in [(100, false), (150, true), (200, true)] {
            assert_eq!(splits.is_worth_it(rest, MUCH), expected, "{rest}");
        }
    }
}
