//! A Stripe, two tables, and reads that are cut into steps and shuffled.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::Lacking;
use super::reads::{About, Answer, Read};
use crate::freshness::tests::{Row, STEPS, Truth};
use crate::freshness::{Decision, Known, ReadBy, decide};

const PARENTS: u8 = 2;
/// Each has its parent for good: that of its number.
const CHILDREN: u8 = 4;
const CONTENTS: u8 = 2;

pub(super) struct World {
    lacking: Lacking,
    rng: Rng,
    counter: i64,
    parents_there: BTreeMap<u8, u8>,
    children_there: BTreeMap<u8, u8>,
    parents: BTreeMap<u8, Row>,
    children: BTreeMap<u8, Row>,
    /// Of the parents' table.
    compared_at: i64,
    run: i64,
    /// Of the children's.
    children_compared_at: i64,
    pages_run: i64,
    sets_at: i64,
    walk: Vec<Vec<u8>>,
    reads: Vec<Read>,
    again: usize,
}

const fn parent_of(child: u8) -> u8 {
    child % PARENTS
}

impl World {
    pub(super) fn new(seed: u64, lacking: Lacking) -> Self {
        Self {
            lacking,
            rng: Rng::with_seed(seed),
            counter: 0,
            parents_there: (0..PARENTS).map(|parent| (parent, 0)).collect(),
            children_there: BTreeMap::new(),
            parents: BTreeMap::new(),
            children: BTreeMap::new(),
            compared_at: 0,
            run: 0,
            children_compared_at: 0,
            pages_run: 0,
            sets_at: 0,
            walk: Vec::new(),
            reads: Vec::new(),
            again: 0,
        }
    }

    fn tick(&mut self) -> i64 {
        self.counter += 1;
        self.counter
    }

    fn change(&mut self) {
        let content = self.rng.u8(0..CONTENTS);
        match self.rng.u8(0..6) {
            0 => {
                self.parents_there.insert(self.rng.u8(0..PARENTS), content);
            }
            _ => self.change_child(),
        }
    }

    fn change_child(&mut self) {
        let content = self.rng.u8(0..CONTENTS);
        match self.rng.u8(0..5) {
            0 | 1 => {
                self.children_there.remove(&self.rng.u8(0..CHILDREN));
            }
            _ => {
                self.children_there
                    .insert(self.rng.u8(0..CHILDREN), content);
            }
        }
    }

    fn begin(&mut self, about: About, by: ReadBy) {
        let start = match by {
            ReadBy::Id => self.tick(),
            ReadBy::List => self.rng.i64(self.run..=self.counter),
        };
        self.reads.push(Read {
            about,
            by,
            start,
            sets: None,
            child: None,
        });
    }

    fn begin_walk(&mut self) {
        let is_read = |read: &Read| read.by == ReadBy::List;
        if self.walk.is_empty() && !self.reads.iter().any(is_read) {
            self.run = self.tick();
            let mut all: Vec<u8> = (0..PARENTS).collect();
            self.rng.shuffle(&mut all);
            let length = self.rng.usize(1..=all.len());
            self.walk = all.chunks(length).map(<[u8]>::to_vec).collect();
        }
    }

    fn next_page(&mut self) {
        if let Some(page) = self.walk.pop() {
            self.begin(About::Sets(page), ReadBy::List);
        }
    }

    fn answer(&self, parent: u8) -> Answer {
        let children = self.children_there.iter();
        let own = children.filter(|(child, _)| parent_of(**child) == parent);
        let content = self.parents_there[&parent];
        (
            content,
            own.map(|(child, content)| (*child, *content)).collect(),
        )
    }

    /// One read goes a step further: Stripe answers, or the answer reaches the tables.
    fn step(&mut self, which: usize) {
        let (sets, child) = match &self.reads[which].about {
            About::Sets(parents) => {
                let sets = parents.iter().map(|&parent| (parent, self.answer(parent)));
                (Some(sets.collect()), None)
            }
            About::Child(child) => (None, Some(self.children_there.get(child).copied())),
        };
        let read = &mut self.reads[which];
        if read.sets.is_none() && read.child.is_none() {
            (read.sets, read.child) = (sets, child);
            return;
        }
        let read = self.reads.swap_remove(which);
        let finish = self.tick();
        if let (About::Child(child), Some(found)) = (&read.about, read.child) {
            self.write_child(*child, found, read.start, finish);
        }
        let Some(sets) = read.sets else { return };
        if read.by == ReadBy::List {
            self.compared_at = finish;
            self.pages_run = self.run;
            if self.lacking != Lacking::ComparedAt {
                self.children_compared_at = finish;
            }
        }
        self.sets_at = finish;
        for (parent, (content, children)) in sets {
            self.write_parent(parent, content, &children, (read.start, finish, read.by));
        }
    }

    fn write_parent(
        &mut self,
        parent: u8,
        content: u8,
        children: &BTreeMap<u8, u8>,
        (start, finish, by): (i64, i64, ReadBy),
    ) {
        let stored = self.parents.get(&parent).copied();
        let known = Known {
            observed_at: stored.map(|row| row.observed_at),
            compared_at: self.compared_at,
            run: self.run,
            sets_at: 0,
            same: stored.is_some_and(|row| row.content == Some(content)),
        };
        let decision = decide(known, start, by);
        let other = Known {
            same: false,
            ..known
        };
        let is_older = known.same && decide(other, start, by) != Decision::Write;
        match decision {
            Decision::Write | Decision::WriteAndReadAgain => {
                let row = Row {
                    content: Some(content),
                    observed_at: finish,
                };
                self.parents.insert(parent, row);
            }
            Decision::Raise => raise(&mut self.parents, parent, finish),
            Decision::Leave => {}
            Decision::ReadAgain => return self.read_again(About::Sets(vec![parent])),
            Decision::RaiseAndReadAgain => {
                raise(&mut self.parents, parent, finish);
                return self.read_again(About::Sets(vec![parent]));
            }
        }
        if is_older && self.lacking != Lacking::OlderParents && self.differs(parent, children) {
            return self.read_again(About::Sets(vec![parent]));
        }
        let mut again = false;
        for child in (0..CHILDREN).filter(|child| parent_of(*child) == parent) {
            let found = children.get(&child).copied();
            again |= self.write_element(child, found, (start, finish, by));
        }
        if again && self.lacking != Lacking::ReadingAgain {
            self.read_again(About::Sets(vec![parent]));
        }
    }

    /// Whether the table has other children of a parent than its list.
    fn differs(&self, parent: u8, children: &BTreeMap<u8, u8>) -> bool {
        (0..CHILDREN)
            .filter(|child| parent_of(*child) == parent)
            .any(|child| self.row(child) != children.get(&child).copied())
    }

    fn row(&self, child: u8) -> Truth {
        self.children.get(&child).and_then(|row| row.content)
    }

    /// Writes what a list says of a child. Returns whether the parent is to be read again.
    fn write_element(
        &mut self,
        child: u8,
        found: Truth,
        (start, finish, by): (i64, i64, ReadBy),
    ) -> bool {
        let stored = self.children.get(&child).copied();
        if found.is_none() && (stored.is_none() || self.lacking == Lacking::Absences) {
            return false;
        }
        let start = match (found, self.lacking) {
            (None, Lacking::TokensOfAbsent) => i64::MAX,
            _ => start,
        };
        let decision = decide(self.known(stored, found, 0), start, by);
        match decision {
            Decision::Write | Decision::WriteAndReadAgain => self.put(child, found, finish),
            Decision::Raise if self.lacking == Lacking::Raising => {}
            Decision::Raise => raise(&mut self.children, child, finish),
            Decision::Leave => {}
            Decision::ReadAgain => return true,
            Decision::RaiseAndReadAgain => {
                raise(&mut self.children, child, finish);
                return true;
            }
        }
        false
    }

    /// Writes what a read of a child alone found.
    fn write_child(&mut self, child: u8, found: Truth, start: i64, finish: i64) {
        let stored = self.children.get(&child).copied();
        let sets_at = match (found, self.lacking) {
            (None, _) | (_, Lacking::ListsMeanwhile) => 0,
            _ => self.sets_at,
        };
        match decide(self.known(stored, found, sets_at), start, ReadBy::Id) {
            Decision::Write => self.put(child, found, finish),
            Decision::WriteAndReadAgain => {
                self.put(child, found, finish);
                self.read_again(About::Child(child));
            }
            Decision::Raise => raise(&mut self.children, child, finish),
            Decision::Leave => {}
            Decision::ReadAgain => self.read_again(About::Child(child)),
            Decision::RaiseAndReadAgain => {
                raise(&mut self.children, child, finish);
                self.read_again(About::Child(child));
            }
        }
    }

    fn known(&self, stored: Option<Row>, found: Truth, sets_at: i64) -> Known {
        Known {
            observed_at: stored.map(|row| row.observed_at),
            compared_at: self.children_compared_at,
            run: self.pages_run,
            sets_at,
            same: stored.is_some_and(|row| row.content == found),
        }
    }

    fn put(&mut self, child: u8, content: Truth, finish: i64) {
        let row = Row {
            content,
            observed_at: finish,
        };
        self.children.insert(child, row);
    }

    fn read_again(&mut self, about: About) {
        self.again += 1;
        self.begin(about, ReadBy::Id);
    }

    pub(super) fn random_step(&mut self) {
        match self.rng.u8(0..12) {
            0..4 => self.change(),
            4 => {
                let parent = self.rng.u8(0..PARENTS);
                self.begin(About::Sets(vec![parent]), ReadBy::Id);
            }
            5 => {
                let child = self.rng.u8(0..CHILDREN);
                self.begin(About::Child(child), ReadBy::Id);
            }
            6 if self.rng.bool() => self.begin_walk(),
            6 => self.next_page(),
            _ if self.reads.is_empty() => {}
            _ => {
                let which = self.rng.usize(0..self.reads.len());
                self.step(which);
            }
        }
    }

    /// After the last change each parent is read once more, by its id or by a walk; reads that began earlier may still arrive at
    /// any moment. Or only children change from then on, and each of them is read by itself after its last change.
    pub(super) fn end(&mut self) {
        self.read_parents();
        if self.rng.bool() {
            for _ in 0..STEPS / 2 {
                match self.rng.u8(0..5) {
                    0 => self.change_child(),
                    1 => {
                        let parent = self.rng.u8(0..PARENTS);
                        self.begin(About::Sets(vec![parent]), ReadBy::Id);
                    }
                    _ if self.reads.is_empty() => {}
                    _ => {
                        let which = self.rng.usize(0..self.reads.len());
                        self.step(which);
                    }
                }
            }
            for child in 0..CHILDREN {
                self.begin(About::Child(child), ReadBy::Id);
            }
            self.drain();
        }
    }

    fn read_parents(&mut self) {
        let by_walk = self.rng.bool();
        while by_walk && !self.walk.is_empty() {
            self.next_page();
        }
        while by_walk && self.reads.iter().any(|read| read.by == ReadBy::List) {
            let which = self.rng.usize(0..self.reads.len());
            self.step(which);
        }
        match by_walk {
            true => self.begin_walk(),
            false => {
                for parent in 0..PARENTS {
                    self.begin(About::Sets(vec![parent]), ReadBy::Id);
                }
            }
        }
        self.drain();
    }

    /// Lets what was begun come to its end.
    fn drain(&mut self) {
        while !(self.reads.is_empty() && self.walk.is_empty()) {
            self.next_page();
            if !self.reads.is_empty() {
                let which = self.rng.usize(0..self.reads.len());
                self.step(which);
            }
            if self.again > STEPS * 4 {
                return;
            }
        }
    }

    pub(super) fn is_equal(&self) -> bool {
        let parents = self.parents.iter().map(|(id, row)| (*id, row.content));
        let there = self.parents_there.iter().map(|(id, it)| (*id, Some(*it)));
        let children =
            (0..CHILDREN).all(|child| self.row(child) == self.children_there.get(&child).copied());
        parents.eq(there) && children && self.again <= STEPS * 4
    }
}

fn raise(table: &mut BTreeMap<u8, Row>, id: u8, finish: i64) {
    if let Some(row) = table.get_mut(&id) {
        row.observed_at = row.observed_at.max(finish);
    }
}
