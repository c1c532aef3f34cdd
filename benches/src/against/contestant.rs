//! The processes of one run: the contestant, and the fake Stripe that is this run's alone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::task::{Figure, READY, Task, Work};
use crate::backfill::fake::Fake;
use crate::customers::Failed;

/// Objects of each of the four resources that a backfill reads. One of 20,000 objects is a sample of more than 0.3 CPU seconds.
const BACKFILLED: usize = 5_000;
/// Customers whose changes are delivered, and how often each changes.
const CHANGES: (usize, usize) = (500, 3);
/// Between the creation of the account and now.
const AGE: &str = "--age-days=1095";

/// The contestants that were built with one side's library, in the directory of both programs.
#[derive(Debug, Clone)]
pub struct Contestant {
    directory: PathBuf,
}

/// What a run cost.
#[derive(Debug)]
pub struct Run {
    /// By the parts of the work.
    pub figures: Vec<Figure>,
    /// Requests to Stripe in all measured parts together; nothing where there was no Stripe.
    pub requests: Option<u64>,
}

/// The fakes of a comparison: one program, each time with the same objects.
#[derive(Debug)]
pub struct Fakes {
    /// The program.
    pub program: PathBuf,
    /// Their clock when they start, in Unix seconds. It must be of now, since deliveries that are old are refused.
    pub now: i64,
}

impl Fakes {
    fn start(&self, objects: &[(&str, usize)]) -> Result<Fake, Failed> {
        let of_each = |(object, count): &(&str, usize)| format!("{object}={count}");
        let mut arguments: Vec<String> = objects.iter().map(of_each).collect();
        arguments.extend([AGE.to_owned(), format!("--now={}", self.now)]);
        Fake::start_with(&self.program, &arguments)
    }
}

impl Contestant {
    /// The programs in this directory.
    pub fn new(directory: &Path) -> Self {
        let directory = directory.to_owned();
        Self { directory }
    }

    /// Does the work once, in a process of its own.
    ///
    /// # Errors
    /// When a process fails, or the work was not what it was to be.
    pub fn run(&self, work: Work, fakes: &Fakes, counts_statements: bool) -> Result<Run, Failed> {
        let mut fake = match work {
            Work::Mapping | Work::Writes(_) => None,
            Work::Backfill(_) => {
                let resources = ["customer", "product", "refund", "coupon"];
                Some(fakes.start(&resources.map(|resource| (resource, BACKFILLED)))?)
            }
            Work::Live(_) => Some(fakes.start(&[("customer", CHANGES.0)])?),
        };
        let task = Task {
            work,
            url: fake
                .as_ref()
                .map_or_else(String::new, |fake| fake.url.clone()),
            key: fake
                .as_ref()
                .map_or_else(String::new, |fake| fake.key.clone()),
            counts_statements,
        };
        let mut child = self.start(&task)?;
        let output = child.stdout.take().ok_or("the contestant has no output")?;
        let mut output = BufReader::new(output);
        let mut before = 0;
        if let (Work::Live(_), Some(fake)) = (work, &mut fake) {
            let mut line = String::new();
            output.read_line(&mut line)?;
            if line.trim() == READY {
                // What filled the table is not measured.
                before = fake.requests()?.requests;
                let mut deliveries = fake.change(CHANGES.1)?;
                deliveries.push('\n');
                let mut input = child.stdin.take().ok_or("the contestant has no input")?;
                input.write_all(deliveries.as_bytes())?;
            }
        }
        let mut figures = String::new();
        output.read_to_string(&mut figures)?;
        let status = child.wait()?;
        if !status.success() {
            let program = self.program(work);
            return Err(format!("{work:?}: {} ended with {status}", program.display()).into());
        }
        let requests = match &mut fake {
            Some(fake) => Some(fake.requests()?.requests - before),
            None => None,
        };
        Ok(Run {
            figures: serde_json::from_str(&figures)?,
            requests,
        })
    }

    fn program(&self, work: Work) -> PathBuf {
        self.directory.join(match work {
            Work::Mapping => "mapping_contestant",
            _ => "contestant",
        })
    }

    fn start(&self, task: &Task) -> Result<Child, Failed> {
        let program = self.program(task.work);
        Command::new(&program)
            .arg(serde_json::to_string(task)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()).into())
    }
}
