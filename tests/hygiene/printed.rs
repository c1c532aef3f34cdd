//! The commands of `sh` blocks in README and docs: those for who works on the project. Most take hours, so they are not run here:
//! what they name has to be there. The two of the README are the test command itself, and a step of it. Transcripts, which are
//! `console` blocks, are run by the tests of `commands`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What the options of cargo and nextest that name a target call its kind.
const TARGETS: [(&str, &str); 4] = [
    ("--test", "test"),
    ("--bench", "bench"),
    ("--bin", "bin"),
    ("--example", "example"),
];
/// What is checked by nobody: a command that installs a tool.
const INSTALLS: &str = "cargo install ";

#[test]
fn what_printed_commands_name_is_there() {
    let root = root();
    let targets = Targets::of(&root);
    let sources = sources(&root);
    let mut commands = 0;
    for text in texts(&root) {
        for command in commands_of(&text) {
            commands += 1;
            if let Some(fault) = fault(&root, &targets, &sources, &command) {
                panic!("{}: `{command}`: {fault}", text.display());
            }
        }
    }
    assert!(commands > 15, "{commands} commands");
}

#[test]
fn the_commands_of_the_readme_are_run_by_the_test_command() {
    let root = root();
    let test = std::fs::read_to_string(root.join("scripts/test")).unwrap();
    let ci = std::fs::read_to_string(root.join(".ci/run")).unwrap();
    let commands = commands_of(&root.join("README.md"));
    assert_eq!(commands.len(), 2, "{commands:?}");
    for command in commands {
        let is_step = test.lines().any(|line| line.ends_with(&command));
        let is_all = ci.lines().any(|line| line == format!("exec {command}"));
        assert!(is_step || is_all, "nothing runs `{command}`");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn texts(root: &Path) -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut texts: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    texts.push(root.join("README.md"));
    texts
}

/// The commands of a text's `sh` blocks, without what is said of them.
fn commands_of(text: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(text).unwrap();
    let mut commands = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line == "```sh") {
        let block = lines.by_ref().take_while(|line| *line != "```");
        let block = block.map(|line| line.split(" #").next().unwrap_or(line).trim());
        commands.extend(block.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    commands
}

/// What of a command is not there, if anything.
fn fault(root: &Path, targets: &Targets, sources: &str, command: &str) -> Option<String> {
    if command.starts_with(INSTALLS) {
        return None;
    }
    let mut words = command.split_whitespace().peekable();
    while let Some((name, _)) = words.peek().and_then(|word| word.split_once('=')) {
        // A variable is read somewhere under its name.
        if !sources.contains(&format!("\"{name}\"")) {
            return Some(format!("nothing reads {name}"));
        }
        words.next();
    }
    let words: Vec<&str> = words.collect();
    let program = words[0].trim_start_matches("./");
    if program == "cargo" {
        return targets.fault(&words);
    }
    let Ok(script) = std::fs::read_to_string(root.join(program)) else {
        return Some(format!("there is no {program}"));
    };
    let mut flags = words.iter().filter(|word| word.starts_with("--"));
    let unknown = flags.find(|flag| !script.contains(**flag));
    unknown.map(|flag| format!("{program} has no {flag}"))
}

/// All sources that may read a variable.
fn sources(root: &Path) -> String {
    let mut all = String::new();
    let mut folders = vec![root.join("benches"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                all += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    all
}

/// The packages of the workspace, and their targets with their kinds.
struct Targets {
    packages: BTreeSet<String>,
    targets: BTreeSet<(String, String)>,
}

impl Targets {
    fn of(root: &Path) -> Self {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--no-deps",
                "--offline",
                "--format-version",
                "1",
            ])
            .current_dir(root)
            .output()
            .unwrap();
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let (mut packages, mut targets) = (BTreeSet::new(), BTreeSet::new());
        for package in metadata["packages"].as_array().unwrap() {
            packages.insert(package["name"].as_str().unwrap().to_owned());
            for target in package["targets"].as_array().unwrap() {
                let name = target["name"].as_str().unwrap().to_owned();
                for kind in target["kind"].as_array().unwrap() {
                    targets.insert((kind.as_str().unwrap().to_owned(), name.clone()));
                }
            }
        }
        Self { packages, targets }
    }

    fn fault(&self, words: &[&str]) -> Option<String> {
        for pair in words.windows(2) {
            let [option, name] = [pair[0], pair[1]];
            if option == "-p" && !self.packages.contains(name) {
                return Some(format!("there is no package {name}"));
            }
            let kind = TARGETS.iter().find(|(of, _)| *of == option);
            if let Some((_, kind)) = kind
                && !self
                    .targets
                    .contains(&((*kind).to_owned(), name.to_owned()))
            {
                return Some(format!("there is no {kind} {name}"));
            }
        }
        None
    }
}
