//! The fake Stripe's process, as the benchmark holds it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::Resource;
use crate::customers::Failed;
use crate::process::cpu_time;

/// How the fake answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// After 100 ms, and with 429 above 25 requests a second of an endpoint and 100 in all.
    LikeStripe,
    /// After 100 ms, and as often as it is asked.
    Slow,
    /// At once, and as often as it is asked.
    AtOnce,
}

/// A process that serves until this is dropped.
#[derive(Debug)]
pub struct Fake {
    child: Child,
    /// Its end is the end of the process.
    commands: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    /// Its address.
    pub url: String,
    /// A key of a live account.
    pub key: String,
}

#[derive(Deserialize)]
struct Ready {
    url: String,
    key: String,
}

/// The requests that the fake had.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Requests {
    /// All of them.
    pub requests: u64,
    /// Those that it refused with 429.
    pub refused: u64,
}

impl Fake {
    /// Starts the program and waits until it has made so many objects of each resource.
    ///
    /// # Errors
    /// When the program cannot be started, or says something else than that it is ready.
    pub fn start(
        program: &Path,
        resources: &[Resource],
        count: usize,
        manner: Manner,
    ) -> Result<Self, Failed> {
        let of_each = |resource: &Resource| format!("{}={count}", resource.object());
        let mut arguments: Vec<String> = resources.iter().map(of_each).collect();
        let of_manner: &[&str] = match manner {
            Manner::LikeStripe => &["--latency-ms=100", "--limits=live"],
            Manner::Slow => &["--latency-ms=100"],
            Manner::AtOnce => &[],
        };
        arguments.extend(of_manner.iter().map(|&argument| argument.to_owned()));
        Self::start_with(program, &arguments)
    }

    /// Starts the program with arguments of its own, and waits until it has made its objects.
    ///
    /// # Errors
    /// When the program cannot be started, or says something else than that it is ready.
    pub fn start_with(program: &Path, arguments: &[String]) -> Result<Self, Failed> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the fake has no output")?;
        let mut answers = BufReader::new(stdout).lines();
        let ready = answers.next().ok_or("the fake ended at once")??;
        let Ready { url, key } = serde_json::from_str(&ready)?;
        Ok(Self {
            commands: child.stdin.take(),
            child,
            answers,
            url,
            key,
        })
    }

    /// The requests so far.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn requests(&mut self) -> Result<Requests, Failed> {
        let counts: BTreeMap<String, Requests> = serde_json::from_str(&self.ask("counts")?)?;
        let add = |sum: Requests, of: &Requests| Requests {
            requests: sum.requests + of.requests,
            refused: sum.refused + of.refused,
        };
        Ok(counts.values().fold(Requests::default(), add))
    }

    /// Changes each customer so many times, in seconds of their own. Answers the signed deliveries of that as the fake
    /// prints them: a line of JSON.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn change(&mut self, times: usize) -> Result<String, Failed> {
        self.ask(&format!("change {times}"))
    }

    fn ask(&mut self, command: &str) -> Result<String, Failed> {
        let commands = self.commands.as_mut().ok_or("the fake takes no commands")?;
        writeln!(commands, "{command}")?;
        Ok(self.answers.next().ok_or("the fake is gone")??)
    }

    /// CPU time so far, the making of the objects included.
    pub fn cpu_time(&self) -> Duration {
        cpu_time(self.child.id()).unwrap_or_default()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.commands = None;
        // It ends by itself; nothing can be done where it does not.
        let _ = self.child.wait();
    }
}
