//! Which objects a process knows.
//!
//! Processes with other models may share the database, as while a new version is rolled out. One that does not mirror an
//! object would complete what was told of it and write nothing, so it leaves that to the others.

use super::work::EVENT;
use crate::store::db::bind::Bind;

/// How long work waits for a process that knows its resource, in milliseconds: 30 days, as long as Stripe remembers events.
/// Such a process may stand still, or fail, for days, and finds its work then. What is older belongs to a model that was
/// given up: anybody takes it, and says at its events that nobody mirrors the object.
const ADOPTED_AFTER: i64 = 30 * 86_400_000;

/// The resources that this process mirrors, and those whose events tell of children that it mirrors.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) objects: Vec<String>,
}

impl Known {
    /// Whether this process knows what to do about a resource.
    pub(crate) fn has(&self, object: &str) -> bool {
        object == EVENT || self.objects.iter().any(|known| known == object)
    }

    /// A condition about work, and its parameters.
    pub(super) fn condition(&self, now: &str) -> (String, Vec<Bind<'_>>) {
        let marks = ", ?".repeat(self.objects.len());
        let condition = format!("(object IN (?{marks}) OR since <= {now} - {ADOPTED_AFTER})");
        let objects = self.objects.iter().map(|object| Bind::text(object));
        let binds = std::iter::once(Bind::text(EVENT)).chain(objects);
        (condition, binds.collect())
    }
}
