//! What is going on, for somebody who waits at a terminal; nothing in a pipe.

use std::io::{IsTerminal as _, Write as _};

/// One line that is written over.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Shown where standard error is a terminal.
    pub fn new() -> Self {
        let shown = std::io::stderr().is_terminal();
        Self { shown }
    }

    /// Shows this in place of what was shown before.
    pub fn show(&self, what: &str) {
        if self.shown {
            let mut terminal = std::io::stderr().lock();
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(terminal, "\r\x1b[K{what}");
            let _ = terminal.flush();
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show("");
    }
}
