//! A slice while this process reads it: a chain, what lies below its page, and where another slice begins.

use crate::object::list::integer;
use crate::store::{Advance, NewSlice, Slice};

use super::chain::Chain;

/// A slice that is being read.
#[derive(Debug)]
pub(crate) struct OpenSlice {
    pub(crate) number: i64,
    list: i64,
    /// The list itself; its place is that of the last page that was given to the writer.
    pub(crate) chain: Chain,
    /// Lists of single parents of the last page, which come before the next page.
    pub(crate) below: Vec<Chain>,
    /// Requests under way.
    pub(crate) asked: usize,
    /// Older objects belong to another slice.
    stop: Option<i64>,
    /// `created` of the oldest object so far.
    position: Option<i64>,
    /// `created` of the first object.
    pub(crate) newest: Option<i64>,
    /// The place up to which everything is read, also below the pages of a list of parents.
    settled: String,
    /// Whether the chain was read to its end.
    ended: bool,
}

/// What a page is to a slice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageRead {
    /// How many of its objects, from the first, are the slice's.
    pub(crate) objects: usize,
    /// How many seconds older its last object is than that of the page before.
    pub(crate) span: i64,
}

impl OpenSlice {
    /// A slice from where its checkpoint stands.
    pub(crate) fn resume(slice: &Slice, list: &Chain) -> Self {
        let mut chain = list.clone();
        chain.until = slice.new.until;
        chain.resume(&slice.place);
        Self {
            number: slice.new.number,
            list: slice.new.list,
            chain,
            below: Vec::new(),
            asked: 0,
            stop: slice.new.stop,
            position: slice.position,
            newest: slice.position.or(slice.new.until),
            settled: slice.place.clone(),
            ended: false,
        }
    }

    /// Whether something can be asked for now: lists below a page side by side, pages of one chain one after the other.
    pub(crate) fn is_ready(&self) -> bool {
        !self.below.is_empty() || (self.asked == 0 && !self.ended)
    }

    /// Whether the slice's chain may go on: nothing of the last page is left.
    pub(crate) fn is_idle(&self) -> bool {
        self.below.is_empty() && self.asked == 0
    }

    /// Takes a page in: how many of its objects are the slice's, and the place after it.
    pub(crate) fn page(&mut self, objects: &[&str], ids: Vec<String>, has_more: bool) -> PageRead {
        let mut taken = PageRead {
            objects: objects.len(),
            span: 0,
        };
        if let (Some(field), Some(last)) = (self.chain.created, objects.last()) {
            let created = |object: &&str| integer(object, field);
            let oldest = created(last);
            if let (Some(stop), Some(oldest)) = (self.stop, oldest)
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
                self.position = Some(oldest.max(self.stop.unwrap_or(oldest)));
            }
        }
        if !has_more {
            self.ended = true;
        } else if ids.is_empty() {
            // More is promised and nothing came: the cursor is no place in this list any more.
            self.step_back();
        } else {
            self.chain.advance(ids);
        }
        taken
    }

    /// The cursor's object vanished. Without any cursor left a list that is ordered by time begins again where it was.
    pub(crate) fn step_back(&mut self) {
        self.chain.step_back();
        if let (true, Some(_), Some(position)) = (
            self.chain.is_at_the_beginning(),
            self.chain.created,
            self.position,
        ) {
            self.chain.begin_before(position.saturating_add(1));
        }
    }

    /// How far the slice is, for the writer.
    pub(crate) fn advance(&mut self, pages: i64, seen: usize) -> Advance {
        let done = self.ended && self.is_idle();
        self.settled = self.chain.place();
        self.unmoved(done, pages, seen)
    }

    /// The place before the page of parents at hand: lists below it are still to be read.
    pub(crate) fn unmoved(&self, done: bool, pages: i64, seen: usize) -> Advance {
        Advance {
            number: self.number,
            place: self.settled.clone(),
            until: self.chain.until,
            stop: self.stop,
            position: self.position,
            done,
            pages,
            seen: i64::try_from(seen).unwrap_or(i64::MAX),
        }
    }

    /// The seconds that are not read yet, down to `floor`; `None` if the slice cannot be split.
    pub(crate) fn rest(&self, floor: i64) -> Option<i64> {
        let splittable = self.chain.created.is_some() && !self.ended;
        let position = self.position.or(self.chain.until).filter(|_| splittable)?;
        let bottom = self.stop.unwrap_or(floor);
        // Nothing to halve in a second or two.
        Some(position - bottom).filter(|rest| *rest > 2)
    }

    /// Splits off the older half of the rest: this slice stops where the new one begins.
    pub(crate) fn split(&mut self, number: i64, floor: i64) -> Option<NewSlice> {
        let rest = self.rest(floor)?;
        let middle = self.stop.unwrap_or(floor) + rest / 2;
        let new = NewSlice {
            number,
            list: self.list,
            until: Some(middle),
            stop: self.stop,
        };
        self.stop = Some(middle);
        Some(new)
    }

    /// The chain is over, although its list is not: the key may not read it.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }
}
