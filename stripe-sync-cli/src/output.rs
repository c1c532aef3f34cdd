//! Standard output: sentences and tables for people, one JSON object a line for programs.

pub(crate) mod progress;

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::{Color, Format};
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes what a command found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) format: Format,
}

/// How a column stands in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

impl Output {
    pub(crate) fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Writes a line for people.
    ///
    /// # Errors
    /// When nobody reads on.
    pub(crate) fn line(self, text: impl AsRef<str>) -> Result<(), Failure> {
        match self.format {
            Format::Human => write(text.as_ref()),
            Format::Json => Ok(()),
        }
    }

    /// Writes an object for programs, with its kind as `type`.
    ///
    /// # Errors
    /// When nobody reads on.
    pub(crate) fn record(self, kind: &str, value: &impl Serialize) -> Result<(), Failure> {
        if self.format == Format::Human {
            return Ok(());
        }
        let mut record = serde_json::Map::new();
        record.insert("type".to_owned(), Value::from(kind));
        match serde_json::to_value(value) {
            Ok(Value::Object(members)) => record.extend(members),
            Ok(value) => {
                record.insert("value".to_owned(), value);
            }
            Err(error) => {
                return Err(Failure::new(
                    Exit::Failed,
                    format!("{kind} cannot be written as JSON: {error}"),
                ));
            }
        }
        write(&Value::Object(record).to_string())
    }

    /// Writes a table for people.
    ///
    /// # Errors
    /// When nobody reads on.
    pub(crate) fn table<const N: usize>(
        self,
        heads: [(&str, Align); N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Result<(), Failure> {
        if self.format == Format::Json {
            return Ok(());
        }
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            // A pipe has no width; what is cut there could not be searched.
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(heads.map(|(name, _)| name));
        for row in rows {
            table.add_row(row);
        }
        for (column, (_, align)) in table.column_iter_mut().zip(heads) {
            if align == Align::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        write(&lines.join("\n"))
    }
}

/// Writes text to standard output as it is, whatever the format.
///
/// # Errors
/// When nobody reads on, or the disk is full.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) => Err(unwritten(&error)),
    }
}

/// How a command ends that cannot write any more: `... events list | head` has read enough.
pub(crate) fn unwritten(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => {
            Failure::new(Exit::Done, "nobody reads standard output any more")
        }
        _ => Failure::new(
            Exit::Failed,
            format!("standard output cannot be written: {error}"),
        )
        .next("make room, or write to another place"),
    }
}

/// Says what went wrong on standard error.
pub(crate) fn tell(failure: &Failure, format: Format) {
    if failure.exit() == Exit::Done {
        return;
    }
    let mut error = anstream::stderr().lock();
    let (red, bold, end) = ("\x1b[31;1m", "\x1b[1m", "\x1b[0m");
    // Where that fails, nobody is left who reads.
    let _ = match (format, failure.advice()) {
        (Format::Json, advice) => {
            let record = serde_json::json!({
                "type": "error", "message": failure.message(), "next": advice, "exit_code": failure.exit().code(),
            });
            writeln!(error, "{record}")
        }
        (Format::Human, Some(next)) => writeln!(
            error,
            "{red}error:{end} {}\n {bold}next:{end} {next}",
            failure.message()
        ),
        (Format::Human, None) => writeln!(error, "{red}error:{end} {}", failure.message()),
    };
}

/// Decides about colors, for this whole process.
pub(crate) fn set_color(color: Color) {
    match color {
        // NO_COLOR, CLICOLOR and TERM are looked at there.
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}
