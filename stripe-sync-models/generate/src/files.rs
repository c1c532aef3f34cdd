//! Reads `data`, and writes every generated file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::choices::Choices;
use crate::error::GenerateError;
use crate::plan::Plan;
use crate::words::Words;
use crate::{pages, registry, source, sync_engine};

/// The folder of the pages, seen from that of the models.
const DOCS: &str = "../docs";
/// Folders in which not every file is generated.
const SHARED: [&str; 2] = ["src", DOCS];

/// Writes what is not as it should be, below the folder of the models; returns how many files that were.
pub(crate) fn write(folder: &Path) -> Result<usize, GenerateError> {
    let models = folder.join("..");
    let mut changed = 0;
    let wanted = wanted(folder)?;
    for (path, text) in &wanted {
        let path = models.join(path);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == *text) {
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at(parent))?;
        }
        std::fs::write(&path, text).map_err(at(&path))?;
        changed += 1;
    }
    for path in left_over(&models, &wanted)? {
        std::fs::remove_file(&path).map_err(at(&path))?;
        changed += 1;
    }
    Ok(changed)
}

/// The models, and what the groups hold, as `data` says.
pub(crate) fn plan(folder: &Path) -> Result<(Plan, BTreeMap<String, String>), GenerateError> {
    let data = folder.join("data");
    let choices = Choices::parse(&read(&data.join("resources.toml"))?)?;
    let mut words = Words::default();
    let mut files: Vec<PathBuf> = list(&data.join("words"))?;
    files.sort();
    for file in files {
        words.read(&file.display().to_string(), &read(&file)?)?;
    }
    let plan = Plan::new(&choices, &words)?;
    words.check()?;
    Ok((plan, choices.group))
}

/// Every generated file, by its path below the folder of the models.
pub(crate) fn wanted(folder: &Path) -> Result<BTreeMap<PathBuf, String>, GenerateError> {
    let (plan, about) = plan(folder)?;
    let mut out = BTreeMap::new();
    for model in &plan.models {
        let path = format!("src/groups/{}/{}.rs", model.group, model.file());
        out.insert(PathBuf::from(path), formatted(&source::file(&plan, model))?);
    }
    for (path, text) in registry::files(&plan, &about) {
        out.insert(PathBuf::from(format!("src/{path}.rs")), formatted(&text)?);
    }
    for (path, text) in pages::pages(&plan, &about) {
        out.insert(Path::new(DOCS).join(path), text);
    }
    let theirs = read(&folder.join("data/sync_engine.txt"))?;
    let differences = sync_engine::page(&plan, &theirs)?;
    out.insert(Path::new(DOCS).join("models/sync-engine.md"), differences);
    Ok(out)
}

/// Files of groups that no model has any more.
fn left_over(
    models: &Path,
    wanted: &BTreeMap<PathBuf, String>,
) -> Result<Vec<PathBuf>, GenerateError> {
    let folders: BTreeSet<&Path> = wanted.keys().filter_map(|path| path.parent()).collect();
    let mut out = Vec::new();
    for folder in folders
        .into_iter()
        .filter(|folder| !SHARED.iter().any(|shared| *folder == Path::new(shared)))
    {
        for path in list(&models.join(folder))? {
            let own = path.file_name().map(|name| folder.join(name));
            if path.is_file() && own.is_some_and(|own| !wanted.contains_key(&own)) {
                out.push(path);
            }
        }
    }
    Ok(out)
}

/// The text as rustfmt writes it.
fn formatted(text: &str) -> Result<String, GenerateError> {
    let failed = |what: String| GenerateError::Format(what);
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut input) = rustfmt.stdin.take() {
        input
            .write_all(text.as_bytes())
            .map_err(|error| failed(error.to_string()))?;
    }
    let done = rustfmt
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    match done.status.success() {
        true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
        false => Err(failed(format!("of\n{text}"))),
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, GenerateError> {
    let entries = std::fs::read_dir(folder).map_err(at(folder))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<Result<_, _>>().map_err(at(folder))
}

fn read(path: &Path) -> Result<String, GenerateError> {
    std::fs::read_to_string(path).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> GenerateError {
    let path = path.to_owned();
    move |source| GenerateError::File {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::wanted;

    #[test]
    fn the_files_are_those_that_are_generated() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (path, text) in wanted(folder).unwrap() {
            let there = std::fs::read_to_string(folder.join("..").join(&path)).unwrap_or_default();
            assert_eq!(
                there,
                text,
                "{}: run `cargo run -p stripe-sync-models-generate`",
                path.display()
            );
        }
    }
}
