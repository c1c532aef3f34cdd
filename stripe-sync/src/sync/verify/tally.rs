//! What was found so far, counted.

use crate::model::Model;
use crate::store::rows::Failure;
use crate::sync::object::ModelRun;
use crate::sync::verify::compared::{Compared, ComparedChildren, Own};
use crate::sync::verify::report::{
    ChildVerification, Drift, DriftKind, Verification, VerificationCounts, keep,
};

/// Why rows are kept that Stripe does not know.
const STRANGERS: &str = "Stripe knows none of the rows, which looks like another account, or one whose data was deleted, so no \
                         row was removed; `SyncAllOptions::after_wipe` says that the data was deleted";

/// What became of the drift of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is as it was found.
    Left,
    /// It was mended, and all is equal now.
    Fixed,
    /// It may be none.
    Unsettled,
}

impl Verification {
    /// Counts an object and what is below it.
    pub(super) fn take(&mut self, run: &ModelRun<'_>, id: &str, compared: Compared, fate: Fate) {
        let counts = &mut self.counts;
        let (kind, columns) = match compared.own {
            Own::Equal => {
                counts.equal += 1;
                (None, Vec::new())
            }
            Own::NotComparable => {
                counts.not_comparable += 1;
                (None, Vec::new())
            }
            Own::Outside => {
                counts.outside += 1;
                (None, Vec::new())
            }
            Own::Failed(failure) => {
                self.fail(failure);
                (None, Vec::new())
            }
            Own::Nothing => (None, Vec::new()),
            Own::Missing => (Some(DriftKind::Missing), Vec::new()),
            Own::Extra => (Some(DriftKind::Extra), Vec::new()),
            Own::Differing(columns) => (Some(DriftKind::Differing), columns),
        };
        if let Some(kind) = kind {
            let drift = Drift {
                id: id.to_owned(),
                parent: None,
                kind,
                columns,
                fixed: false,
            };
            self.counts.take(drift, fate, &mut self.drifts);
        }
        for rows in compared.children {
            self.child(run, rows.model).take(rows, fate);
        }
    }

    /// Whether Stripe knows any of the table's rows.
    pub(super) fn knows_rows(&self) -> bool {
        self.counts.equal + self.counts.differing > 0
    }

    /// Says once that rows are kept, because Stripe knows none of the table's.
    pub(super) fn keep_strangers(&mut self) {
        let is_said = |warning: &String| warning == STRANGERS;
        if !self.warnings.iter().any(is_said) {
            self.warnings.push(STRANGERS.to_owned());
        }
    }

    /// Whether there is drift that was not mended, children's included.
    pub(super) fn has_drift(&self) -> bool {
        let counts = self.children.iter().map(|child| child.counts);
        let mut counts = counts.chain([self.counts]);
        counts.any(|counts| counts.drifted() > counts.fixed)
    }

    /// Says that drift was fixed, but for what another verification found afterwards.
    pub(super) fn fixed_but(&mut self, left: &Self) {
        self.counts.fixed = fixed_but(&mut self.drifts, &left.drifts);
        for child in &mut self.children {
            let mut known = left.children.iter();
            let left =
                known.find(|known| (&known.model, &known.table) == (&child.model, &child.table));
            let left = left.map_or(&[][..], |left| &left.drifts);
            child.counts.fixed = fixed_but(&mut child.drifts, left);
        }
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.counts.failed += 1;
        keep(&mut self.failures, failure);
    }

    fn child(&mut self, run: &ModelRun<'_>, model: &'static Model) -> &mut ChildVerification {
        let table = run.store().place(model).name.clone();
        let known = self
            .children
            .iter()
            .position(|known| (known.model.as_str(), &known.table) == (model.name(), &table));
        let place = known.unwrap_or_else(|| {
            self.children.push(ChildVerification {
                model: model.name().to_owned(),
                table,
                counts: VerificationCounts::default(),
                drifts: Vec::new(),
                failures: Vec::new(),
            });
            self.children.len() - 1
        });
        &mut self.children[place]
    }
}

impl ChildVerification {
    fn take(&mut self, rows: ComparedChildren, fate: Fate) {
        self.counts.equal += rows.equal;
        self.counts.not_comparable += rows.not_comparable;
        self.counts.failed += rows.failures.len() as u64;
        for failure in rows.failures {
            keep(&mut self.failures, failure);
        }
        for drift in rows.drifts {
            self.counts.take(drift, fate, &mut self.drifts);
        }
    }
}

impl VerificationCounts {
    fn take(&mut self, mut drift: Drift, fate: Fate, drifts: &mut Vec<Drift>) {
        if fate == Fate::Unsettled {
            self.unsettled += 1;
            return;
        }
        match drift.kind {
            DriftKind::Differing => self.differing += 1,
            DriftKind::Missing => self.missing += 1,
            DriftKind::Extra => self.extra += 1,
        }
        drift.fixed = fate == Fate::Fixed;
        self.fixed += u64::from(drift.fixed);
        keep(drifts, drift);
    }
}

/// Says that drift was fixed, but for what is left. Returns how much was.
fn fixed_but(drifts: &mut [Drift], left: &[Drift]) -> u64 {
    let mut fixed = 0;
    for drift in drifts {
        let mut left = left.iter();
        drift.fixed = !left.any(|left| (&left.id, &left.parent) == (&drift.id, &drift.parent));
        fixed += u64::from(drift.fixed);
    }
    fixed
}
