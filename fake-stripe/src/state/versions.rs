//! What a fake does with versions of Stripe's API other than the one that it simulates.

use crate::state::State;

/// What a request gets that asks for another version than the fake simulates
/// ([`FakeStripe::simulated_version`](crate::FakeStripe::simulated_version)).
///
/// A version that Stripe never had is refused always, as Stripe does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Versions {
    /// It is refused with status 400: what was written for another version is not tested by answers of this one.
    #[default]
    Refuse,
    /// It is answered in the shape of the simulated version, and [`FakeStripe::warnings`](crate::FakeStripe::warnings) says so.
    AnswerNewest,
}

impl State {
    /// Keeps a warning, once.
    pub(crate) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}
