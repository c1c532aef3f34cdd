//! What a command's exit code says.

use std::process::ExitCode;

/// How a command ended, as its exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Exit {
    /// It did what it was asked to do.
    Done = 0,
    /// It failed, or some objects failed.
    Failed = 1,
    /// The arguments or the configuration are wrong. Nothing was done.
    Usage = 2,
    /// `status` found a table that is further behind than `--max-lag`, or dead letters.
    Unhealthy = 3,
    /// `migrate check` found statements that were not run yet.
    MigrationsPending = 4,
    /// There is no key, Stripe does not accept it, or it may not read what is needed.
    NoAccess = 5,
    /// It was interrupted (SIGINT). What it wrote stays, and the next call goes on from there.
    Interrupted = 130,
    /// It was asked to stop (SIGTERM). What it wrote stays, and the next call goes on from there.
    Terminated = 143,
}

impl Exit {
    /// Returns the number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns the one of two that says more: an interruption, then no access, then any other failure.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.code() >= other.code() {
            self
        } else {
            other
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_codes_are_promised() {
        let all = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Unhealthy,
            Exit::MigrationsPending,
            Exit::NoAccess,
            Exit::Interrupted,
            Exit::Terminated,
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4, 5, 130, 143]);
        assert_eq!(Exit::Done.or(Exit::Failed), Exit::Failed);
        assert_eq!(Exit::Interrupted.or(Exit::Failed), Exit::Interrupted);
    }
}
