//! Stripe's own Python package, installed once in a virtual environment beside the build.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The version that the answers are compared with.
pub(crate) const VERSION: &str = "16.1.0";

const PYTHON: &str = "python3";

const NEEDED: &str = "this test compares with Stripe's own package: it needs python3 with venv (Debian: apt-get install \
                      python3-venv) and PyPI";

/// Asks the package; one answer for each question.
pub(crate) fn ask(questions: &[Value]) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/signature/official.py");
    let mut python = Command::new(environment())
        .arg("-B")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect(NEEDED);
    let mut stdin = python.stdin.take().expect("a pipe");
    serde_json::to_writer(&mut stdin, questions).expect("Python takes the questions");
    stdin.flush().expect("Python takes the questions");
    drop(stdin);
    let output = python.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "Python: {}", output.status);
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("answers");
    assert_eq!(answers.len(), questions.len());
    answers
}

/// The Python that has the package. Installs it if it is not there; tests that run at once wait for each other.
fn environment() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let home = root.join(format!("stripe-python-{VERSION}"));
    let python = home.join("bin/python");
    let complete = home.join("complete");
    fs::create_dir_all(root).expect("a directory beside the build");
    // The system lets go of the lock with the process, however that ends.
    let lock = File::create(home.with_extension("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    if !complete.exists() {
        if home.exists() {
            fs::remove_dir_all(&home).expect("a broken environment is removed");
        }
        run(Command::new(PYTHON).args(["-m", "venv"]).arg(&home));
        let package = format!("stripe=={VERSION}");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", &package]));
        fs::write(&complete, "").expect("the mark of a complete environment");
    }
    python
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
