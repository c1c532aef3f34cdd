//! Packages of other languages, installed once beside the build in the versions of the lock files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const NEEDED: &str = "this test runs packages of other languages: it needs python3 with venv, node 18 or newer, npm \
                                 (Debian: apt-get install python3-venv nodejs npm), PyPI and the npm registry";

/// A language whose packages are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

/// The packages of one test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packages {
    /// What their directories are called.
    pub(crate) name: &'static str,
    /// The folder with the lock files of each language.
    pub(crate) folder: &'static str,
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
}

impl Packages {
    /// Where the packages of a language are. Installs them if they are not there; tests that run at once wait for each other.
    pub(crate) fn home(self, language: Language) -> PathBuf {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let home = root.join(format!("{}-{language:?}", self.name));
        let complete = home.join("complete");
        let wanted = fs::read(self.file(language.lock_file())).expect("a lock file");
        fs::create_dir_all(root).expect("a directory beside the build");
        // The system lets go of the lock with the process, however that ends.
        let lock = File::create(home.with_extension("lock")).expect("a file to lock");
        lock.lock().expect("the lock");
        if fs::read(&complete).ok() != Some(wanted.clone()) {
            if home.exists() {
                fs::remove_dir_all(&home).expect("another version is removed");
            }
            self.install(language, &home);
            fs::write(&complete, wanted).expect("the mark of a complete environment");
        }
        home
    }

    fn file(self, name: &str) -> PathBuf {
        Path::new(self.folder).join(name)
    }

    fn install(self, language: Language, home: &Path) {
        match language {
            Language::Python => {
                run(Command::new("python3").args(["-m", "venv"]).arg(home));
                run(Command::new(home.join("bin/python"))
                    .args(["-m", "pip", "install", "--quiet", "--require-hashes", "-r"])
                    .arg(self.file(language.lock_file())));
            }
            Language::Node => {
                fs::create_dir_all(home).expect("a directory beside the build");
                for name in ["package.json", "package-lock.json"] {
                    let file = self.file("node").join(name);
                    fs::copy(file, home.join(name)).expect("a copy");
                }
                let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
                run(Command::new("npm").args(arguments).current_dir(home));
            }
        }
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
