//! Which objects a process knows.
//!
//! Processes with other models may share the database, as while a new version is rolled out. One that does not mirror an
//! object would complete what was told of it and write nothing, so it leaves that to the others.

use crate::store::events::EVENT;

/// How long work waits for a process that knows its resource, in milliseconds: 30 days, as long as Stripe remembers events.
/// Such a process may stand still, or fail, for days, and finds its work then. What is older belongs to a model that was
/// given up: anybody takes it, and says at its events that nobody mirrors the object.
const ADOPTED_AFTER: i64 = 30 * 86_400_000;

/// The resources that this process mirrors, and those whose events tell of children that it mirrors.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandledResources {
    pub(crate) objects: Vec<String>,
}

impl HandledResources {
    /// Whether this process knows what to do about a resource.
    pub(crate) fn has(&self, object: &str) -> bool {
        object == EVENT || self.objects.iter().any(|known| known == object)
    }

    /// Whether this process knows what to do about the resource of a lane.
    pub(crate) fn knows(&self, lane: &str) -> bool {
        lane.split(' ')
            .nth(1)
            .is_some_and(|object| self.has(object))
    }

    /// Until when rows of a lane may be free that this process claims: those of a resource that it does not know are claimed when they are
    /// as old as [`ADOPTED_AFTER`].
    pub(crate) fn until(&self, lane: &str, now: i64) -> i64 {
        match self.knows(lane) {
            true => now,
            false => now.saturating_sub(ADOPTED_AFTER),
        }
    }
}
