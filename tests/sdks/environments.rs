//! Stripe's Python and Node packages, which make the calls of a plan.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

pub(crate) use crate::packages::Language;
use crate::packages::{NEEDED, Packages};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sdks");
const PACKAGES: Packages = Packages {
    name: "stripe-calls",
    folder: FOLDER,
};

impl Language {
    fn command(self) -> Command {
        let home = PACKAGES.home(self);
        match self {
            Self::Python => {
                let mut command = Command::new(home.join("bin/python"));
                command.arg("-B").arg(format!("{FOLDER}/python/calls.py"));
                command
            }
            Self::Node => {
                let mut command = Command::new("node");
                command.arg(format!("{FOLDER}/node/calls.mjs"));
                command.env("STRIPE_NODE_HOME", home);
                command
            }
        }
    }

    /// Makes the calls of a plan: one outcome for each.
    pub(crate) fn outcomes(self, plan: &Value, calls: usize) -> Vec<Value> {
        let mut child = self
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{NEEDED}: {error}"));
        let mut stdin = child.stdin.take().expect("a pipe");
        let plan = plan.to_string();
        let writer = thread::spawn(move || stdin.write_all(plan.as_bytes()));
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let outcomes: Vec<Value> = lines
            .map(|line| {
                let line = line.expect("a line of text");
                let mut said: Value = serde_json::from_str(&line)
                    .unwrap_or_else(|error| panic!("{self:?} said {line}: {error}"));
                said["outcome"].take()
            })
            .collect();
        writer.join().expect("a thread").expect("the plan is read");
        let status = child.wait().expect("it ends");
        assert!(status.success(), "{self:?}: {status}");
        assert_eq!(outcomes.len(), calls, "{self:?}");
        outcomes
    }
}
