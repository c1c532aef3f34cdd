//! One object: it is read, completed, mapped and written, with what belongs to it.

#[cfg(feature = "live")]
pub(crate) mod absence;
pub(crate) mod after_commit;
pub(crate) mod children;
pub(crate) mod complete;
pub(crate) mod gone;
pub(crate) mod ids;
pub(crate) mod lone_sets;
pub(crate) mod map;
pub(crate) mod newest;
pub(crate) mod parents;
pub(crate) mod read;
pub(crate) mod run;
pub(crate) mod sets;
pub(crate) mod streak;
pub(crate) mod write;

pub(crate) use map::Mapped;
pub(crate) use parents::Parent;
pub(crate) use read::Read;
pub(crate) use run::ModelRun;
pub(crate) use write::{ObjectWriter, Outcomes};
