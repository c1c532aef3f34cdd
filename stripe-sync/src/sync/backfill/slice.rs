//! A slice while this process reads it: a pager, what lies below its page, and where another slice begins.
pub(crate) mod coverage;
pub(crate) mod density;
pub(crate) mod splits;

use crate::object::list::integer;
use crate::store::backfill::slices::Slice;
use crate::store::backfill::{Advance, NewSlice};

use crate::sync::error::SyncError;
use crate::sync::list::Pager;
use density::Density;

/// A slice that is being read.
#[derive(Debug)]
pub(crate) struct OpenSlice {
    /// How far everything is read, also below the pages of a list of parents. Its `stop` counts for pages to come too.
    pub(crate) settled: Slice,
    /// The list itself; its place is that of the last page that was given to the writer.
    pub(crate) pager: Pager,
    /// Lists of single parents of the last page, which come before the next page.
    pub(crate) below: Vec<Pager>,
    /// Requests under way.
    pub(crate) asked: usize,
    /// `created` of the oldest object so far.
    position: Option<i64>,
    /// `created` of the first object.
    pub(crate) newest: Option<i64>,
    /// Whether the pager was read to its end, or is over because the key may not read its list.
    pub(crate) ended: bool,
    /// Of its own pages; before the first of them that of the slice it was split off.
    pub(crate) density: Density,
    /// Whether its next page is the first of a slice that was split off.
    is_probe: bool,
}

/// What a page is to a slice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageRead {
    /// How many of its objects, from the first, are the slice's.
    pub(crate) objects: usize,
    /// How many seconds older its last object is than that of the page before.
    pub(crate) span: i64,
    /// Whether it is the first page of a slice that was split off.
    pub(crate) is_probe: bool,
}

impl OpenSlice {
    /// A slice from where its checkpoint stands, of which another one may say how dense it is.
    pub(crate) fn resume(slice: Slice, list: &Pager, density: Density) -> Self {
        let mut pager = list.clone();
        pager.until = slice.new.until;
        pager.resume(&slice.place, slice.position);
        Self {
            pager,
            below: Vec::new(),
            asked: 0,
            position: slice.position,
            newest: slice.position.or(slice.new.until),
            ended: false,
            density,
            is_probe: slice.position.is_none() && slice.new.until.is_some(),
            settled: slice,
        }
    }

    /// Whether something can be asked for now: lists below a page side by side, pages of one pager one after the other.
    pub(crate) fn is_ready(&self) -> bool {
        !self.below.is_empty() || (self.asked == 0 && !self.ended)
    }

    /// Whether the slice's pager may go on: nothing of the last page is left.
    pub(crate) fn is_idle(&self) -> bool {
        self.below.is_empty() && self.asked == 0
    }

    /// Takes a page in: how many of its objects are the slice's, and the place after it.
    ///
    /// # Errors
    /// When the list does not end, or was begun again too often.
    pub(crate) fn page(
        &mut self,
        objects: &[&str],
        ids: Vec<String>,
        has_more: bool,
    ) -> Result<PageRead, SyncError> {
        let mut last_second = None;
        let mut taken = PageRead {
            objects: objects.len(),
            span: 0,
            is_probe: std::mem::take(&mut self.is_probe),
        };
        if let (Some(field), Some(last)) = (self.pager.created, objects.last()) {
            let stop = self.settled.new.stop;
            let created = |object: &&str| integer(object, field);
            let oldest = created(last);
            last_second = oldest;
            if let (Some(stop), Some(oldest)) = (stop, oldest)
                && oldest < stop
            {
                let older = objects
                    .iter()
                    .rev()
                    .take_while(|object| created(object).is_some_and(|created| created < stop));
                taken.objects -= older.count();
                self.ended = true;
            }
            let newest = self.newest.or_else(|| objects.first().and_then(created));
            if let (Some(newest), Some(oldest)) = (newest, oldest) {
                taken.span = (self.position.unwrap_or(newest) - oldest).max(0);
                self.newest = Some(newest);
                self.position = Some(oldest.max(stop.unwrap_or(oldest)));
            }
        }
        if taken.is_probe {
            self.density = Density::default();
        }
        self.density.add(taken.objects, taken.span);
        if self.ended {
            self.pager.advance(ids);
        } else {
            self.ended = self.pager.turn(ids, last_second, has_more)?;
        }
        Ok(taken)
    }

    /// How far the slice is, for the writer.
    pub(crate) fn advance(&mut self, pages: i64, seen: usize) -> Advance {
        let done = self.ended && self.is_idle();
        self.settled.place = self.pager.place();
        self.settled.new.until = self.pager.until;
        self.settled.position = self.position;
        self.unmoved(done, pages, seen)
    }

    /// The place before the page of parents at hand: lists below it are still to be read.
    pub(crate) fn unmoved(&self, done: bool, pages: i64, seen: usize) -> Advance {
        Advance {
            slice: self.settled.clone(),
            done,
            pages,
            seen: i64::try_from(seen).unwrap_or(i64::MAX),
        }
    }

    /// The seconds that are not read yet, down to `floor`; `None` if the slice cannot be split.
    pub(crate) fn rest(&self, floor: i64) -> Option<i64> {
        let splittable = self.pager.created.is_some() && !self.ended;
        let position = self.position.or(self.pager.until).filter(|_| splittable)?;
        let bottom = self.settled.new.stop.unwrap_or(floor);
        // Nothing to halve in a second or two.
        Some(position - bottom).filter(|rest| *rest > 2)
    }

    /// The objects that are not read yet, if the rest is as dense as what was read; `None` if the slice cannot be split.
    pub(crate) fn expected(&self, floor: i64) -> Option<i64> {
        Some(self.density.expects(self.rest(floor)?))
    }

    /// The seconds between these moments that are not read yet.
    pub(crate) fn left(&self, newest: i64, oldest: i64) -> i64 {
        let position = self.position.or(self.pager.until).unwrap_or(newest);
        let bottom = self.settled.new.stop.unwrap_or(oldest).max(oldest);
        match self.ended || self.pager.created.is_none() || !self.pager.is_of_rows() {
            true => 0,
            false => (position.min(newest) - bottom).max(0),
        }
    }

    /// Splits off the older half of the rest: this slice stops where the new one begins.
    pub(crate) fn split(&mut self, number: i64, floor: i64) -> Option<NewSlice> {
        let rest = self.rest(floor)?;
        let own = &mut self.settled.new;
        let middle = own.stop.unwrap_or(floor) + rest / 2;
        let new = NewSlice {
            number,
            until: Some(middle),
            ..own.clone()
        };
        own.stop = Some(middle);
        Some(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::list::pager::{ListTarget, Query};

    /// What is kept while children of a page are still to be read is the place before it, with the window and the second
    /// that belong to that place.
    #[test]
    fn a_place_is_kept_with_its_window_and_its_second() {
        let mut list = Pager::new(("/v1/customers", true), Query::new(), ListTarget::Rows);
        list.created = Some("created");
        let new = NewSlice {
            number: 1,
            list: 0,
            until: Some(100),
            stop: None,
        };
        let begun = Slice {
            new,
            place: String::new(),
            position: None,
        };
        let mut slice = OpenSlice::resume(begun, &list, Density::default());
        let page = |slice: &mut OpenSlice, id: &str, created: i64| {
            let object = format!(r#"{{"id":"{id}","created":{created}}}"#);
            slice.page(&[&object], vec![id.to_owned()], true).unwrap();
        };
        page(&mut slice, "a", 90);
        slice.advance(1, 1);
        slice.pager.vanished().unwrap();
        page(&mut slice, "b", 50);
        let kept = slice.unmoved(false, 1, 1);
        assert_eq!(
            (
                kept.slice.place.as_str(),
                kept.slice.new.until,
                kept.slice.position
            ),
            (r#"["a"]"#, Some(100), Some(90))
        );
        let moved = slice.advance(0, 0);
        assert_eq!(
            (
                moved.slice.place.as_str(),
                moved.slice.new.until,
                moved.slice.position
            ),
            (r#"["b"]"#, Some(91), Some(50))
        );
    }
}
