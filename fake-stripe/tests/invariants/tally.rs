//! What was checked, how often, and what was violated.

use std::collections::BTreeMap;
use std::fmt;

use crate::account::{Account, text};
use crate::rules::general::WALKED;
use crate::rules::shares::SHARES;
use crate::table::{Invariant, mentioned};

#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) checked: usize,
    pub(crate) violated: usize,
    pub(crate) first: Option<String>,
}

/// By group (an object's name, or what kind of change) and name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally(BTreeMap<(String, String), Entry>);

impl Tally {
    /// One check; the message of a violation is made only for the first.
    pub(crate) fn note(
        &mut self,
        group: &str,
        name: &str,
        holds: bool,
        message: impl FnOnce() -> String,
    ) {
        let entry = self.0.entry((group.to_owned(), name.to_owned()));
        let entry = entry.or_default();
        entry.checked += 1;
        if !holds {
            entry.violated += 1;
            entry.first.get_or_insert_with(message);
        }
    }

    /// Checks all invariants on all objects. Violations name the seed.
    pub(crate) fn check(&mut self, invariants: &[Invariant], account: &Account, seed: u64) {
        for (object, value) in account.everything() {
            for invariant in invariants {
                if invariant.of != "*" && invariant.of != object {
                    continue;
                }
                let Some(holds) = (invariant.holds)(value, account) else {
                    continue;
                };
                self.note(invariant.of, invariant.name, holds, || {
                    let walked = WALKED.iter().find(|(_, name)| *name == invariant.name);
                    let findings = account.findings(value).iter();
                    let found: Vec<String> = findings
                        .filter(|found| walked.is_some_and(|(fault, _)| found.fault == *fault))
                        .take(3)
                        .map(|found| format!("{} = {}", found.path, found.value))
                        .collect();
                    let shown = mentioned(invariant.name, value);
                    format!("seed {seed}, {object} {shown} {}", found.join("; "))
                });
            }
        }
    }

    /// Checks the shares of an account as it was generated.
    pub(crate) fn check_shares(&mut self, account: &Account, seed: u64) {
        for share in SHARES {
            let Some(value) = (share.measure)(account) else {
                continue;
            };
            let (least, most) = (share.least, share.most);
            self.note(
                "account",
                share.name,
                (least..=most).contains(&value),
                || format!("seed {seed}: {value:.3}, expected {least} to {most}"),
            );
        }
    }

    /// Counts the findings of each member once: where the schema's walk finds most.
    pub(crate) fn note_findings(&mut self, account: &Account) {
        for (object, value) in account.everything() {
            for finding in account.findings(value) {
                let place: Vec<&str> = finding
                    .path
                    .split('.')
                    .filter(|step| step.parse::<usize>().is_err())
                    .collect();
                let name = format!("{object}.{}", place.join("."));
                let fault = format!("{:?}", finding.fault);
                self.note(&fault, &name, false, || {
                    format!("{} {}", text(value, "id"), finding.value)
                });
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (key, entry) in other.0 {
            let sum = self.0.entry(key).or_default();
            sum.checked += entry.checked;
            sum.violated += entry.violated;
            sum.first = sum.first.take().or(entry.first);
        }
    }

    pub(crate) fn checked(&self, group: &str, name: &str) -> usize {
        let entry = self.0.get(&(group.to_owned(), name.to_owned()));
        entry.map_or(0, |entry| entry.checked)
    }

    /// How many names are violated.
    pub(crate) fn violated(&self) -> usize {
        self.0.values().filter(|entry| entry.violated > 0).count()
    }

    /// How many checks there were.
    pub(crate) fn checks(&self) -> usize {
        self.0.values().map(|entry| entry.checked).sum()
    }
}

/// The violations, a group after the other.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((group, name), entry) in &self.0 {
            if let Entry {
                checked,
                violated: violated @ 1..,
                first,
            } = entry
            {
                let first = first.as_deref().unwrap_or_default();
                writeln!(
                    f,
                    "{violated:>6}/{checked:<6} {group}: {name}\n              {first}"
                )?;
            }
        }
        Ok(())
    }
}
