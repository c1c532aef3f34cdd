//! The elements of objects' lists beside their rows, counted.

use crate::model::Model;
use crate::store::rows::Failure;
use crate::sync::verify::compared::Own;
use crate::sync::verify::report::{Drift, DriftKind};

/// The elements of an object's lists that are rows of one model.
#[derive(Debug)]
pub(in crate::sync::verify) struct ComparedChildren {
    pub(in crate::sync::verify) model: &'static Model,
    pub(in crate::sync::verify) equal: u64,
    pub(in crate::sync::verify) not_comparable: u64,
    pub(in crate::sync::verify) failures: Vec<Failure>,
    pub(in crate::sync::verify) drifts: Vec<Drift>,
}

impl ComparedChildren {
    pub(super) fn new(model: &'static Model) -> Self {
        Self {
            model,
            equal: 0,
            not_comparable: 0,
            failures: Vec::new(),
            drifts: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, parent: &str, id: &str, own: Own) {
        match own {
            Own::Equal => self.equal += 1,
            Own::NotComparable => self.not_comparable += 1,
            Own::Missing => self.drift(parent, id, DriftKind::Missing, Vec::new()),
            Own::Differing(columns) => self.drift(parent, id, DriftKind::Differing, columns),
            Own::Failed(failure) => self.failures.push(failure),
            Own::Extra | Own::Nothing | Own::Outside => {}
        }
    }

    pub(super) fn drift(&mut self, parent: &str, id: &str, kind: DriftKind, columns: Vec<String>) {
        self.drifts.push(Drift {
            id: id.to_owned(),
            parent: Some(parent.to_owned()),
            kind,
            columns,
            fixed: false,
        });
    }
}
