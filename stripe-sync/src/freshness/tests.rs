//! The freshness rule against random histories: a Stripe, a table, and reads that are cut into steps and shuffled.
//!
//! A failing history prints its seed; `STRIPE_SYNC_MODEL_SEED=<seed>` runs that one alone.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::{Decision, Known, ReadBy, decide};

mod copies;
mod sets;

const IDS: u8 = 3;
/// Few contents, so that an object often returns to what it was.
const CONTENTS: u8 = 2;
const HISTORIES: u64 = 40_000;
/// Overlapping walks go wrong in a few histories of a hundred thousand only.
const SEARCHED: u64 = 400_000;
const STEPS: usize = 60;

/// A part of the rule that is left out, to see that it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    ReadingAgain,
    Raising,
    Tombstones,
    /// A deletion of an object that has no row is not remembered.
    Burials,
    OneWalk,
    ComparedAt,
    RaisingByPages,
    Starts,
}

/// What Stripe says of an object: its content, or that there is none.
type Truth = Option<u8>;

#[derive(Debug, Clone, Copy)]
struct Row {
    content: Truth,
    observed_at: i64,
}

#[derive(Debug)]
struct Read {
    ids: Vec<u8>,
    by: ReadBy,
    start: i64,
    /// What the answer said, once there is one.
    answer: Option<BTreeMap<u8, Truth>>,
}

/// A run: pages that can be read at the same time, none of which shows what another shows.
#[derive(Debug)]
struct Walk {
    token: i64,
    todo: Vec<Vec<u8>>,
}

struct World {
    without: Without,
    rng: Rng,
    counter: i64,
    stripe: BTreeMap<u8, Truth>,
    /// Rows and tombstones: a tombstone has no content.
    table: BTreeMap<u8, Row>,
    compared_at: i64,
    /// The token of the newest walk.
    walked: i64,
    walks: Vec<Walk>,
    reads: Vec<Read>,
    /// Reads that were read again, to see that none goes round for ever.
    again: usize,
}

impl World {
    fn new(seed: u64, without: Without) -> Self {
        Self {
            without,
            rng: Rng::with_seed(seed),
            counter: 0,
            stripe: BTreeMap::new(),
            table: BTreeMap::new(),
            compared_at: 0,
            walked: 0,
            walks: Vec::new(),
            again: 0,
            reads: Vec::new(),
        }
    }

    fn tick(&mut self) -> i64 {
        self.counter += 1;
        self.counter
    }

    fn truth(&self, id: u8) -> Truth {
        self.stripe.get(&id).copied().flatten()
    }

    /// Create, update, delete, create again under the same id.
    fn change(&mut self) {
        let content = (self.rng.u8(0..4) > 0).then(|| self.rng.u8(0..CONTENTS));
        self.stripe.insert(self.rng.u8(0..IDS), content);
    }

    fn begin(&mut self, ids: Vec<u8>, by: ReadBy) {
        // A page takes no token of its own: it began after any that was known.
        let start = match by {
            ReadBy::Id => self.tick(),
            ReadBy::List => self.rng.i64(self.walked..=self.counter),
        };
        self.reads.push(Read {
            ids,
            by,
            start,
            answer: None,
        });
    }

    fn walk_runs(&self) -> bool {
        !self.walks.is_empty() || self.reads.iter().any(|read| read.by == ReadBy::List)
    }

    fn begin_walk(&mut self) {
        if self.without == Without::OneWalk || !self.walk_runs() {
            let token = self.tick();
            self.walked = token;
            let mut ids: Vec<u8> = (0..IDS).collect();
            self.rng.shuffle(&mut ids);
            let length = self.rng.usize(1..=ids.len());
            let todo = ids.chunks(length).map(<[u8]>::to_vec).collect();
            self.walks.push(Walk { token, todo });
        }
    }

    /// The next page of a walk is asked for.
    fn next_page(&mut self) {
        let Some(walk) = self.walks.first_mut() else {
            return;
        };
        debug_assert!(walk.token <= self.counter);
        let page = walk.todo.pop();
        if walk.todo.is_empty() {
            self.walks.remove(0);
        }
        if let Some(ids) = page {
            self.begin(ids, ReadBy::List);
        }
    }

    /// One read goes a step further: Stripe answers, or the answer reaches the table.
    fn step(&mut self, which: usize) {
        if self.reads[which].answer.is_none() {
            let answer = self.reads[which]
                .ids
                .iter()
                .map(|&id| (id, self.truth(id)))
                .collect();
            self.reads[which].answer = Some(answer);
            return;
        }
        let read = self.reads.swap_remove(which);
        let finish = self.tick();
        if read.by == ReadBy::List {
            self.compared_at = finish;
        }
        for (id, found) in read.answer.into_iter().flatten() {
            // A list does not show what is deleted, and its silence decides nothing.
            if found.is_some() || read.by == ReadBy::Id {
                self.apply(id, found, read.start, finish, read.by);
            }
        }
    }

    fn apply(&mut self, id: u8, found: Truth, start: i64, finish: i64, by: ReadBy) {
        match self.carry_out(id, found, start, finish, by) {
            Decision::ReadAgain | Decision::RaiseAndReadAgain => self.read_again(id),
            _ => {}
        }
    }

    /// Decides, and changes the table; whoever read the object reads it again if he is told to.
    fn carry_out(&mut self, id: u8, found: Truth, start: i64, finish: i64, by: ReadBy) -> Decision {
        let mut stored = self.table.get(&id).copied();
        if self.without == Without::Tombstones {
            stored = stored.filter(|row| row.content.is_some());
        }
        let known = Known {
            observed_at: stored.map(|row| row.observed_at),
            compared_at: match self.without {
                Without::ComparedAt => 0,
                // No page leaves a tombstone alone.
                _ if stored.is_some_and(|row| row.content.is_none()) => 0,
                _ => self.compared_at,
            },
            run: self.walked,
            sets_at: 0,
            same: stored.is_some_and(|row| row.content == found),
        };
        let start = match self.without {
            Without::Starts => i64::MAX,
            _ => start,
        };
        let decision = decide(known, start, by);
        let is_burial = stored.is_none() && found.is_none();
        match decision {
            Decision::Write if is_burial && self.without == Without::Burials => {}
            Decision::Write | Decision::WriteAndReadAgain => {
                let row = Row {
                    content: found,
                    observed_at: finish,
                };
                self.table.insert(id, row);
            }
            Decision::Raise => match (self.without, by) {
                (Without::Raising, ReadBy::Id) | (Without::RaisingByPages, ReadBy::List) => {}
                _ => self.raise(id, finish),
            },
            Decision::RaiseAndReadAgain => self.raise(id, finish),
            Decision::ReadAgain | Decision::Leave => {}
        }
        decision
    }

    fn raise(&mut self, id: u8, finish: i64) {
        if let Some(row) = self.table.get_mut(&id) {
            row.observed_at = row.observed_at.max(finish);
        }
    }

    fn read_again(&mut self, id: u8) {
        if self.without != Without::ReadingAgain {
            self.again += 1;
            self.begin(vec![id], ReadBy::Id);
        }
    }

    fn random_step(&mut self) {
        match self.rng.u8(0..10) {
            0..3 => self.change(),
            3 | 4 => {
                let id = self.rng.u8(0..IDS);
                self.begin(vec![id], ReadBy::Id);
            }
            5 if self.rng.bool() => self.begin_walk(),
            5 => self.next_page(),
            _ if self.reads.is_empty() => {}
            _ => {
                let which = self.rng.usize(0..self.reads.len());
                self.step(which);
            }
        }
    }

    /// After the last change each object is read once more, by its id or by a walk and then, for what no list shows,
    /// by its id; reads that began earlier may still arrive at any moment.
    fn end(&mut self) {
        if self.rng.bool() {
            while self.without != Without::OneWalk && self.walk_runs() {
                if self.reads.is_empty() || self.rng.bool() {
                    self.next_page();
                } else {
                    let which = self.rng.usize(0..self.reads.len());
                    self.step(which);
                }
            }
            self.begin_walk();
            for id in (0..IDS)
                .filter(|&id| self.truth(id).is_none())
                .collect::<Vec<_>>()
            {
                self.begin(vec![id], ReadBy::Id);
            }
        } else {
            // A walk that runs already reads some of them after the last change, if they are there.
            let ahead: Vec<u8> = match self.without {
                Without::OneWalk => Vec::new(),
                _ => self
                    .walks
                    .iter()
                    .flat_map(|walk| walk.todo.concat())
                    .collect(),
            };
            for id in 0..IDS {
                if self.truth(id).is_none() || !ahead.contains(&id) {
                    self.begin(vec![id], ReadBy::Id);
                }
            }
        }
        while !(self.reads.is_empty() && self.walks.is_empty()) {
            self.next_page();
            if self.reads.is_empty() {
                continue;
            }
            let which = self.rng.usize(0..self.reads.len());
            self.step(which);
        }
    }

    fn differences(&self) -> Vec<u8> {
        (0..IDS)
            .filter(|id| self.table.get(id).and_then(|row| row.content) != self.truth(*id))
            .collect()
    }
}

/// Whether the history of this seed ends with the table equal to Stripe.
fn converges(seed: u64, without: Without) -> bool {
    let mut world = World::new(seed, without);
    for _ in 0..STEPS {
        world.random_step();
    }
    world.end();
    // A history has some ten reads of each object; one that is read again for ever would not end at all.
    world.differences().is_empty() && world.again < STEPS * 4
}

#[test]
fn every_history_ends_with_the_table_equal_to_stripe() {
    let one = std::env::var("STRIPE_SYNC_MODEL_SEED").ok();
    let seeds = match one.as_deref().map(str::parse::<u64>) {
        Some(seed) => {
            let seed = seed.expect("STRIPE_SYNC_MODEL_SEED is a number");
            seed..seed + 1
        }
        None => 0..HISTORIES,
    };
    for seed in seeds {
        assert!(
            converges(seed, Without::Nothing),
            "the history of STRIPE_SYNC_MODEL_SEED={seed} ends wrong"
        );
    }
}

/// A test that cannot fail shows nothing: each part of the rule, left out, is found missing.
#[test]
fn each_part_of_the_rule_is_needed() {
    for without in [
        Without::ReadingAgain,
        Without::Raising,
        Without::Tombstones,
        Without::Burials,
        Without::OneWalk,
        Without::ComparedAt,
        Without::RaisingByPages,
        Without::Starts,
    ] {
        let found = (0..SEARCHED).find(|&seed| !converges(seed, without));
        assert!(found.is_some(), "no history needs {without:?}");
        println!("without {without:?}, history {found:?} ends wrong");
    }
}
