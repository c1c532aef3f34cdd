//! Live mode and test mode.

use std::fmt;

/// What a key opens: real money, or a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Real payments; Stripe's `livemode: true`.
    Live,
    /// Test mode or a sandbox; Stripe's `livemode: false`.
    Test,
}

impl Mode {
    /// Stripe's `livemode` of the objects that a key of this mode reads.
    #[must_use]
    pub fn livemode(self) -> bool {
        self == Mode::Live
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Live => "live",
            Mode::Test => "test",
        })
    }
}
