//! What compiling costs: a cold first build of the quickstart, and a check of a crate of derived structs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::customers::Failed;
use crate::generated::{Compile, Crate, Derive, Structs, children_time};

/// Structs in the crate, of seventeen fields each. A checkout of before knows no children.
const STRUCTS: Structs = Structs {
    count: 25,
    with_children: 0,
};
/// The databases that the structs are derived for.
const DATABASES: &str = "sqlite,postgres,mysql";

/// A checkout that is compiled, and a directory for what comes of it.
#[derive(Debug)]
pub struct Checkout {
    project: PathBuf,
    scratch: PathBuf,
    structs: Crate,
}

impl Checkout {
    /// Builds what the derived structs depend on.
    ///
    /// # Errors
    /// When cargo fails.
    pub fn new(project: &Path, scratch: &Path) -> Result<Self, Failed> {
        let home = scratch.join("structs");
        let structs = Crate::of_project(
            project,
            Compile::Check,
            &home,
            Derive::StripeSync,
            STRUCTS,
            DATABASES,
        )?;
        Ok(Self {
            project: project.to_owned(),
            scratch: scratch.to_owned(),
            structs,
        })
    }

    /// CPU seconds of a debug build of the quickstart into an empty directory, with the versions that the checkout locks.
    ///
    /// # Errors
    /// When cargo fails.
    pub fn quickstart(&self) -> Result<f64, Failed> {
        let target = self.scratch.join("quickstart");
        if target.exists() {
            std::fs::remove_dir_all(&target)?;
        }
        let before = children_time()?;
        let output = Command::new("cargo")
            .args(["build", "--quiet", "--locked", "-p", "quickstart"])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(&self.project)
            .output()?;
        let time = children_time()?.saturating_sub(before);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        std::fs::remove_dir_all(&target)?;
        Ok(time.as_secs_f64())
    }

    /// CPU seconds of checking the derived structs alone.
    ///
    /// # Errors
    /// When they do not compile.
    pub fn structs(&self) -> Result<f64, Failed> {
        Ok(self.structs.compile()?.as_secs_f64())
    }
}
