//! Has the contestants of two trees take turns, and says whether this tree is worse: see `scripts/bench-against`, which
//! builds them and starts this.
//!
//! ```text
//! referee --this=DIRECTORY --rev=DIRECTORY [--rounds=10] [--databases=sqlite,mysql,postgres] mapping|writes|backfill|live...
//! referee --this=CHECKOUT --rev=CHECKOUT --scratch=DIRECTORY [--rounds=3] build
//! ```
//!
//! Ends with 1 if it is worse, and with 2 if that could not be found out.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use stripe_sync_benches::against::comparison::{Comparison, Verdict};
use stripe_sync_benches::against::contestant::{Contestant, Fakes, Run};
use stripe_sync_benches::against::first_build::Checkout;
use stripe_sync_benches::against::progress::Progress;
use stripe_sync_benches::against::task::{Engine, Work};
use stripe_sync_benches::customers::Failed;

/// Alternating rounds of the measurements that run, and of those that build.
const ROUNDS: usize = 10;
const BUILD_ROUNDS: usize = 3;
/// How far the fakes' clock is behind, so that changes in seconds of their own are not of the future.
const SECONDS_BEHIND: i64 = 60;

/// What the arguments ask for.
#[derive(Default)]
struct Arguments {
    this: PathBuf,
    rev: PathBuf,
    scratch: PathBuf,
    rounds: Option<usize>,
    databases: Option<String>,
    what: Vec<String>,
}

impl Arguments {
    fn parse(given: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut arguments = Self::default();
        for argument in given {
            match argument.split_once('=') {
                Some(("--this", value)) => arguments.this = value.into(),
                Some(("--rev", value)) => arguments.rev = value.into(),
                Some(("--scratch", value)) => arguments.scratch = value.into(),
                Some(("--rounds", value)) => arguments.rounds = Some(value.parse()?),
                Some(("--databases", value)) => arguments.databases = Some(value.to_owned()),
                None => arguments.what.push(argument),
                Some((name, _)) => return Err(format!("`{name}` is no setting").into()),
            }
        }
        Ok(arguments)
    }

    fn engines(&self) -> Result<Vec<Engine>, Failed> {
        let names = self.databases.as_deref().unwrap_or("sqlite,mysql,postgres");
        let named = |name: &str| match name.trim() {
            "sqlite" => Ok(Engine::Sqlite),
            "mysql" => Ok(Engine::Maria),
            "postgres" => Ok(Engine::Postgres),
            other => Err(format!("expected sqlite, mysql or postgres, got `{other}`").into()),
        };
        names.split(',').map(named).collect()
    }

    fn works(&self) -> Result<Vec<Work>, Failed> {
        let engines = self.engines()?;
        let mut works = Vec::new();
        for what in &self.what {
            match what.as_str() {
                "mapping" => works.push(Work::Mapping),
                "writes" => works.extend(engines.iter().copied().map(Work::Writes)),
                "backfill" => works.extend(engines.iter().copied().map(Work::Backfill)),
                "live" => works.extend(engines.iter().copied().map(Work::Live)),
                other => {
                    let expected = "mapping, writes, backfill, live, or build alone";
                    return Err(format!("expected {expected}, got `{other}`").into());
                }
            }
        }
        Ok(works)
    }
}

fn main() -> ExitCode {
    let comparisons = Arguments::parse(std::env::args().skip(1)).and_then(|arguments| {
        match arguments.what[..] == ["build"] {
            true => builds(&arguments),
            false => runs(&arguments),
        }
    });
    let comparisons = match comparisons {
        Ok(comparisons) => comparisons,
        Err(error) => {
            eprintln!("nothing was decided: {error}");
            return ExitCode::from(2);
        }
    };
    println!("{}", Comparison::heads());
    for comparison in &comparisons {
        println!("{comparison}");
    }
    let not_worse = |comparison: &Comparison| comparison.verdict() == Verdict::NotWorse;
    match comparisons.iter().all(not_worse) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Whether this tree goes first: A B, B A, A B, ...
fn this_first(round: usize) -> bool {
    round.is_multiple_of(2)
}

fn runs(arguments: &Arguments) -> Result<Vec<Comparison>, Failed> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let fakes = Fakes {
        program: std::env::current_exe()?.with_file_name("fake_stripe"),
        now: i64::try_from(now)? - SECONDS_BEHIND,
    };
    let this = Contestant::new(&arguments.this);
    let rev = Contestant::new(&arguments.rev);
    let works = arguments.works()?;
    let rounds = arguments.rounds.unwrap_or(ROUNDS);
    let progress = Progress::new();
    let mut comparisons = Vec::new();
    // The runs that count statements also warm the caches.
    for work in &works {
        progress.show(&format!("counting statements: {}", name(*work)));
        let runs = (
            this.run(*work, &fakes, true)?,
            rev.run(*work, &fakes, true)?,
        );
        comparisons.push(counted(*work, &runs.0, &runs.1));
    }
    for round in 0..rounds {
        for (work, comparisons) in works.iter().zip(&mut comparisons) {
            progress.show(&format!("round {} of {rounds}: {}", round + 1, name(*work)));
            for of_this in [this_first(round), !this_first(round)] {
                let side = if of_this { &this } else { &rev };
                take(comparisons, &side.run(*work, &fakes, false)?, of_this)?;
            }
        }
    }
    Ok(comparisons.into_iter().flatten().collect())
}

fn name(work: Work) -> String {
    let (what, engine) = match work {
        Work::Mapping => return "mapping".to_owned(),
        Work::Writes(engine) => ("writes", engine),
        Work::Backfill(engine) => ("backfill", engine),
        Work::Live(engine) => ("live", engine),
    };
    let engine = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Maria => "mysql",
        Engine::Postgres => "postgres",
    };
    format!("{what} {engine}")
}

/// A comparison of each part of the work, with the statements of both sides.
fn counted(work: Work, this: &Run, rev: &Run) -> Vec<Comparison> {
    let parts = this.figures.iter().zip(&rev.figures);
    parts
        .map(|(this, rev)| {
            let name = format!("{} {}", name(work), this.part);
            let mut comparison = Comparison::new(name.trim_end().to_owned());
            comparison.this.statements = this.statements;
            comparison.rev.statements = rev.statements;
            comparison
        })
        .collect()
}

/// Takes the figures of a round. The requests are those of all parts, and stand with the last.
fn take(comparisons: &mut [Comparison], run: &Run, of_this: bool) -> Result<(), Failed> {
    if comparisons.len() != run.figures.len() {
        return Err("the runs have not the same parts".into());
    }
    let last = comparisons.len().saturating_sub(1);
    for (place, (comparison, figure)) in comparisons.iter_mut().zip(&run.figures).enumerate() {
        let side = match of_this {
            true => &mut comparison.this,
            false => &mut comparison.rev,
        };
        side.cpu.push(figure.client + figure.server);
        if place == last {
            side.requests.extend(run.requests);
        }
    }
    Ok(())
}

fn builds(arguments: &Arguments) -> Result<Vec<Comparison>, Failed> {
    let progress = Progress::new();
    progress.show("building what derived structs depend on");
    let this = Checkout::new(&arguments.this, &arguments.scratch.join("this"))?;
    let rev = Checkout::new(&arguments.rev, &arguments.scratch.join("rev"))?;
    let rounds = arguments.rounds.unwrap_or(BUILD_ROUNDS);
    let mut quickstart = Comparison::new("first build of the quickstart".to_owned());
    let mut structs = Comparison::new("check of 25 derived structs".to_owned());
    // Warms the file cache.
    this.structs()?;
    rev.structs()?;
    for round in 0..rounds {
        progress.show(&format!("round {} of {rounds}", round + 1));
        for of_this in [this_first(round), !this_first(round)] {
            let (checkout, first, second) = match of_this {
                true => (&this, &mut quickstart.this, &mut structs.this),
                false => (&rev, &mut quickstart.rev, &mut structs.rev),
            };
            first.cpu.push(checkout.quickstart()?);
            second.cpu.push(checkout.structs()?);
        }
    }
    Ok(vec![quickstart, structs])
}
