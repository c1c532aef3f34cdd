//! Stripe's Python and Node packages, installed once beside the build in the versions of the lock files.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

const NEEDED: &str = "this test runs Stripe's own packages: it needs python3 with venv, node 18 or newer, npm (Debian: apt-get \
                      install python3-venv nodejs npm), PyPI and the npm registry";

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sdks");

/// A language whose package makes the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::Python, Self::Node];

    /// The file that names the versions.
    fn lock_file(self) -> &'static str {
        match self {
            Self::Python => "python/requirements.txt",
            Self::Node => "node/package-lock.json",
        }
    }

    fn install(self, home: &Path) {
        let file = |name: &str| Path::new(FOLDER).join(name);
        match self {
            Self::Python => {
                run(Command::new("python3").args(["-m", "venv"]).arg(home));
                run(Command::new(home.join("bin/python"))
                    .args(["-m", "pip", "install", "--quiet", "--require-hashes", "-r"])
                    .arg(file(self.lock_file())));
            }
            Self::Node => {
                fs::create_dir_all(home).expect("a directory beside the build");
                for name in ["package.json", "package-lock.json"] {
                    fs::copy(file("node").join(name), home.join(name)).expect("a copy");
                }
                let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
                run(Command::new("npm").args(arguments).current_dir(home));
            }
        }
    }

    /// Where the package is. Installs it if it is not there; tests that run at once wait for each other.
    fn home(self) -> PathBuf {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let home = root.join(format!("stripe-calls-{self:?}"));
        let complete = home.join("complete");
        let wanted = fs::read(Path::new(FOLDER).join(self.lock_file())).expect("a lock file");
        fs::create_dir_all(root).expect("a directory beside the build");
        // The system lets go of the lock with the process, however that ends.
        let lock = File::create(home.with_extension("lock")).expect("a file to lock");
        lock.lock().expect("the lock");
        if fs::read(&complete).ok() != Some(wanted.clone()) {
            if home.exists() {
                fs::remove_dir_all(&home).expect("another version is removed");
            }
            self.install(&home);
            fs::write(&complete, wanted).expect("the mark of a complete environment");
        }
        home
    }

    fn command(self) -> Command {
        let home = self.home();
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

fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{NEEDED}; {command:?}: {error}"));
    assert!(
        output.status.success(),
        "{NEEDED}; {command:?} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
