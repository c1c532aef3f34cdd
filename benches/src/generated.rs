//! Crates that are generated to be compiled, once with each derive.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::TICKS;

/// The fields that the generated structs have, by Stripe's resource: a type, a name, and a path where it is another.
const TEMPLATES: [(&str, &str); 3] = [
    ("customer", include_str!("../fixtures/customer.fields")),
    (
        "subscription",
        include_str!("../fixtures/subscription.fields"),
    ),
    ("invoice", include_str!("../fixtures/invoice.fields")),
];
/// Those of a struct whose objects have a list of rows, and of the struct of these.
const WITH_CHILDREN: [(&str, &str); 2] = [
    TEMPLATES[2],
    ("line_item", include_str!("../fixtures/line_item.fields")),
];
/// The fields of `/proc/self/stat` with the user and the system time of children that ended, counted from the state,
/// which follows the name of the program.
const CHILDREN_TIMES: [usize; 2] = [13, 14];

/// What the generated structs derive.
#[derive(Debug, Clone, Copy)]
pub enum Derive {
    /// Nothing.
    None,
    /// serde's `Deserialize`.
    Deserialize,
    /// This project's derive.
    StripeSync,
}

/// How many structs a generated crate has.
#[derive(Debug, Clone, Copy)]
pub struct Structs {
    /// All of them.
    pub count: usize,
    /// Those with `children`. The struct of the children follows each.
    pub with_children: usize,
}

/// How far the generated crate is compiled.
#[derive(Debug, Clone, Copy)]
pub enum Compile {
    /// As far as `cargo check` does.
    Check,
    /// To the end.
    Build,
}

impl Compile {
    fn subcommand(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Build => "rustc",
        }
    }
}

/// A crate whose dependencies are built.
#[derive(Debug)]
pub struct Crate {
    directory: PathBuf,
    /// The line of shell that compiles it, as cargo would.
    rustc: String,
}

impl Crate {
    /// Writes the crate below `home` and builds what it depends on. The dependencies are the same for each derive.
    ///
    /// # Errors
    /// When a file cannot be written, or cargo fails.
    pub fn new(
        home: &Path,
        derive: Derive,
        structs: Structs,
        databases: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Self::of_project(&project, Compile::Build, home, derive, structs, databases)
    }

    /// The same with the library of another checkout of this project.
    ///
    /// # Errors
    /// When a file cannot be written, or cargo fails.
    pub fn of_project(
        project: &Path,
        compile: Compile,
        home: &Path,
        derive: Derive,
        structs: Structs,
        databases: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let name = match derive {
            Derive::None => "plain_structs",
            Derive::Deserialize => "serde_structs",
            Derive::StripeSync => "derived_structs",
        };
        let directory = home.join(name);
        std::fs::create_dir_all(directory.join("src"))?;
        std::fs::copy(project.join("Cargo.lock"), directory.join("Cargo.lock"))?;
        std::fs::write(
            directory.join("Cargo.toml"),
            manifest(name, project, databases),
        )?;
        std::fs::write(directory.join("src/lib.rs"), source(derive, structs))?;

        let output = Command::new(env!("CARGO"))
            .args([compile.subcommand(), "--verbose", "--lib", "--target-dir"])
            .arg(home.join("target"))
            .current_dir(&directory)
            .env("CARGO_INCREMENTAL", "0")
            .output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("cargo could not build {name}:\n{log}").into());
        }
        let rustc = log
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Running `")?.strip_suffix('`'))
            .find(|line| line.contains(&format!("--crate-name {name} ")))
            .ok_or_else(|| format!("cargo did not say how it compiled {name}:\n{log}"))?
            .to_owned();
        Ok(Self { directory, rustc })
    }

    /// Compiles the crate alone; answers the CPU time, user and system.
    ///
    /// # Errors
    /// When it does not compile, or the system does not tell the time of children.
    pub fn compile(&self) -> Result<Duration, Box<dyn Error>> {
        let before = children_time()?;
        let output = Command::new("sh")
            .args(["-c", &self.rustc])
            .current_dir(&self.directory)
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(children_time()?.saturating_sub(before))
    }
}

/// The CPU time of every child that ended, from Linux' own account of this process.
pub(crate) fn children_time() -> Result<Duration, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat
        .rsplit_once(") ")
        .ok_or("/proc/self/stat has no name")?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let mut ticks = 0.0;
    for field in CHILDREN_TIMES {
        let field = fields.get(field).ok_or("/proc/self/stat is too short")?;
        ticks += field.parse::<f64>()?;
    }
    Ok(Duration::from_secs_f64(ticks / TICKS))
}

fn manifest(name: &str, project: &Path, databases: &str) -> String {
    let features: Vec<String> = databases
        .split(',')
        .map(|database| format!("{:?}", database.trim()))
        .collect();
    format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         chrono = {{ version = \"0.4\", default-features = false, features = [\"serde\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
         stripe-sync = {{ path = {:?}, default-features = false, features = [{}] }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n",
        project.join("stripe-sync"),
        features.join(", "),
    )
}

fn source(derive: Derive, structs: Structs) -> String {
    let mut source = String::from("#![allow(missing_docs)]\n");
    for number in 0..structs.count {
        let is_of_pair = number < structs.with_children * WITH_CHILDREN.len();
        let templates: &[(&str, &str)] = match is_of_pair {
            true => &WITH_CHILDREN,
            false => &TEMPLATES,
        };
        let at = number % templates.len();
        let (object, fields) = templates[at];
        source.push_str(match derive {
            Derive::None => "",
            Derive::Deserialize => "#[derive(serde::Deserialize)]\n",
            Derive::StripeSync => "#[derive(stripe_sync::StripeSync)]\n",
        });
        let ours = matches!(derive, Derive::StripeSync);
        if ours {
            let attribute = format!("#[stripe(object = {object:?}, table = \"table_{number}\")]\n");
            source.push_str(&attribute);
        }
        source.push_str(&format!("pub struct Struct{number} {{\n"));
        for field in fields.lines() {
            let mut words = field.split_whitespace();
            let (Some(kind), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            match words.next() {
                Some(mark @ ("parent" | "raw")) if ours => {
                    source.push_str(&format!("    #[stripe({mark})]\n"));
                }
                Some(path) if ours => source.push_str(&format!("    #[stripe(path = {path})]\n")),
                _ => {}
            }
            source.push_str(&format!("    pub {name}: {kind},\n"));
        }
        if is_of_pair && at == 0 {
            let mark = if ours {
                "    #[stripe(children)]\n"
            } else {
                ""
            };
            let child = number + 1;
            source.push_str(&format!("{mark}    pub lines: Vec<Struct{child}>,\n"));
        }
        source.push_str("}\n");
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_struct_has_seventeen_fields() {
        for (object, fields) in TEMPLATES.into_iter().chain(WITH_CHILDREN) {
            assert_eq!(fields.lines().count(), 17, "{object}");
        }
        let source = source(
            Derive::StripeSync,
            Structs {
                count: 25,
                with_children: 5,
            },
        );
        assert_eq!(source.matches("pub struct").count(), 25);
        assert_eq!(source.matches("    pub ").count(), 25 * 17 + 5);
        assert_eq!(source.matches("#[stripe(children)]").count(), 5);
        assert_eq!(source.matches("#[stripe(parent)]").count(), 5);
    }
}
