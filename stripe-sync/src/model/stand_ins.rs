//! Models that stand in for others: what a registry makes of the references and children that structs name.
//!
//! A struct names other structs: those that its columns refer to, and those of its children. Where a registry has another model
//! in the place of one of these, each model that names it needs a description of its own, whose references and children are those
//! of the registry. Everything works on `&'static` models, so such descriptions stay for the rest of the program: some
//! hundred bytes for each, once for each registry that differs.

use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::model::declared::Declared;
use crate::model::{Model, Parts};

/// Every set of stand-ins that the program has made.
static MADE: Mutex<Vec<Made>> = Mutex::new(Vec::new());

/// A set, and what it was made of.
struct Made {
    replaced: Vec<Replaced>,
    naming: Vec<&'static Model>,
    set: &'static StandIns,
}

/// A model, and the one that a registry has in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replaced {
    pub(crate) model: &'static Model,
    pub(crate) by: &'static Model,
}

impl Replaced {
    fn is(&self, other: &Self) -> bool {
        self.model.is(other.model) && self.by.is(other.by)
    }
}

/// The models that stand in for those that structs name. The models refer to the set, and the set to the models.
pub struct StandIns {
    models: OnceLock<Vec<Replaced>>,
}

impl StandIns {
    /// Returns the model that stands in for another one.
    pub(crate) fn of(&self, model: &'static Model) -> &'static Model {
        let mut all = self.models.get().into_iter().flatten();
        all.find(|one| one.model.is(model))
            .map_or(model, |one| one.by)
    }

    /// The set for the models of a registry; `None` where none of them names one that is replaced.
    pub(crate) fn new(replaced: &[Replaced], models: &[&'static Model]) -> Option<&'static Self> {
        let naming = naming(replaced, models);
        if naming.is_empty() {
            return None;
        }
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().find(|made| {
            made.replaced.len() == replaced.len()
                && made.naming.len() == naming.len()
                && made.replaced.iter().zip(replaced).all(|(a, b)| a.is(b))
                && made.naming.iter().zip(&naming).all(|(a, b)| a.is(b))
        });
        if let Some(known) = known {
            return Some(known.set);
        }
        let set: &'static Self = Box::leak(Box::new(Self {
            models: OnceLock::new(),
        }));
        let mut all: Vec<Replaced> = naming
            .iter()
            .map(|model| Replaced {
                model,
                by: Box::leak(Box::new(bound(model, set))),
            })
            .collect();
        let by = |model: &'static Model| {
            let known = all.iter().find(|one| one.model.is(model));
            known.map_or(model, |one| one.by)
        };
        let stand_ins: Vec<Replaced> = replaced
            .iter()
            .map(|one| Replaced {
                model: one.model,
                by: by(one.by),
            })
            .collect();
        all.extend(stand_ins);
        // The set was made here, and has no models yet.
        let _ = set.models.set(all);
        made.push(Made {
            replaced: replaced.to_vec(),
            naming,
            set,
        });
        Some(set)
    }
}

impl fmt::Debug for StandIns {
    /// Names the models: their descriptions hold the set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.models.get().into_iter().flatten();
        f.debug_map()
            .entries(all.map(|one| (one.model.name(), one.by.name())))
            .finish()
    }
}

impl Model {
    /// Returns the model that a registry has in the place of one that this model names.
    pub(crate) fn resolved(&self, named: &'static Self) -> &'static Self {
        let stand_ins = self.parts.declared.stand_ins;
        stand_ins.map_or(named, |stand_ins| stand_ins.of(named))
    }

    /// The models that the struct names, as it does.
    fn named(&self) -> impl Iterator<Item = &'static Self> {
        let children = self.parts.declared.children.iter();
        let references = self.parts.declared.references.iter();
        let children = children.map(|children| (children.model)());
        children.chain(references.map(|reference| (reference.model)()))
    }
}

/// The models that name a replaced one, or have children that do, and those that an earlier set has changed.
fn naming(replaced: &[Replaced], models: &[&'static Model]) -> Vec<&'static Model> {
    let mut naming: Vec<&'static Model> = Vec::new();
    loop {
        let changes = |child: &Model| naming.iter().any(|model| model.is(child));
        let names = |model: &&'static Model| {
            let mut children = model.parts.declared.children.iter();
            let mut named = model.named();
            model.parts.declared.stand_ins.is_some()
                || named.any(|named| replaced.iter().any(|one| one.model.is(named)))
                || children.any(|children| changes((children.model)()))
        };
        let is_new = |model: &&'static Model| !changes(model);
        let found = models.iter().copied().filter(names).filter(is_new);
        let found: Vec<&'static Model> = found.collect();
        if found.is_empty() {
            return naming;
        }
        naming.extend(found);
    }
}

fn bound(model: &Model, set: &'static StandIns) -> Model {
    Model {
        parts: Parts {
            declared: Declared {
                stand_ins: Some(set),
                ..model.parts.declared
            },
            ..model.parts
        },
    }
}
