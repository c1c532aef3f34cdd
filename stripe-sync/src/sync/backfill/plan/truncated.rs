//! What the lists inside objects will cost that Stripe cuts, from the objects of a few pages.

use bytes::Bytes;

use crate::sync::error::SyncError;
use crate::sync::list::Reader;
use crate::sync::object::complete::{Keeps, cut, pages_of};

/// The most cut lists that are read to learn how long they are.
const SAMPLES: usize = 4;
/// The most pages of each: one that is longer is a lower bound.
const PAGES: u64 = 5;

/// What the pages showed of one list of objects.
#[derive(Debug, Default)]
pub(crate) struct TruncatedEstimate {
    objects: usize,
    /// The rows that they show: themselves, or the elements of their lists.
    rows: usize,
    /// Lists that lack elements which the model keeps.
    cut: usize,
    /// Those of them that were read.
    read: usize,
    /// Pages that these took.
    pages: u64,
    /// Whether one was too long to be read to its end, so that there is more than was counted.
    pub(crate) endless: bool,
}

impl TruncatedEstimate {
    /// Looks at the objects of a page, and reads the rest of a few of their lists.
    ///
    /// # Errors
    /// When Stripe does not answer at all, or the key is refused.
    pub(crate) async fn look(
        &mut self,
        reader: &Reader,
        keeps: Keeps,
        objects: &[Bytes],
    ) -> Result<(), SyncError> {
        let lists = objects.iter().filter_map(|json| cut(keeps, json));
        let lists: Vec<_> = lists.flatten().collect();
        self.objects += objects.len();
        self.rows += objects
            .iter()
            .map(|object| keeps.rows_in(object))
            .sum::<usize>();
        self.cut += lists.len();
        // Half of what is left, so that older pages have their say; from all over the page.
        let samples = (SAMPLES - self.read).div_ceil(2).min(lists.len());
        let step = lists.len().div_ceil(samples.max(1)).max(1);
        for list in lists.iter().step_by(step).take(samples) {
            let (pages, whole) = pages_of(reader, keeps, list, PAGES).await?;
            self.read += 1;
            self.pages += pages;
            self.endless |= !whole;
        }
        Ok(())
    }

    /// About how many rows so many objects are, as far as their lists are not cut.
    pub(crate) fn rows(&self, objects: f64) -> f64 {
        match self.objects {
            0 => 0.0,
            shown => objects * self.rows as f64 / shown as f64,
        }
    }

    /// About how many requests the lists of so many objects take.
    pub(crate) fn requests(&self, objects: f64) -> f64 {
        if self.read == 0 {
            return 0.0;
        }
        let per_object = self.cut as f64 / self.objects as f64;
        per_object * self.pages as f64 / self.read as f64 * objects
    }

    /// Whether every cut list was read, so that nothing is estimated.
    pub(crate) fn is_exact(&self) -> bool {
        self.read == self.cut && !self.endless
    }
}
