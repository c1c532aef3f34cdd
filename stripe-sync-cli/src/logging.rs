//! What is said on standard error besides progress.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::output::progress::Bars;

/// Writes log lines above the bars.
#[derive(Debug, Clone)]
struct AboveBars {
    bars: Bars,
}

struct Line {
    bars: Bars,
    text: Vec<u8>,
}

impl<'w> MakeWriter<'w> for AboveBars {
    type Writer = Line;

    fn make_writer(&'w self) -> Line {
        Line {
            bars: self.bars.clone(),
            text: Vec::new(),
        }
    }
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bars.above(|| {
            let _ = io::Write::write_all(&mut anstream::stderr().lock(), &self.text);
        });
    }
}

/// Says warnings and errors, or less, or more.
pub(crate) fn start(quiet: bool, verbose: u8, bars: &Bars) {
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let above = AboveBars { bars: bars.clone() };
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(above)
        .with_target(false)
        // anstream takes the colors out where they are not wanted.
        .with_ansi(true);
    // A program that has a subscriber of its own keeps it.
    let _ = match io::stderr().is_terminal() && verbose == 0 {
        true => lines.without_time().try_init(),
        false => lines.try_init(),
    };
}
