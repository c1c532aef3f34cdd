//! What each command does.

mod config;
mod events;
mod listen;
mod migrate;
mod status;
mod sync;
mod webhook;

use std::io::Write as _;

use crate::arguments::{Command, ConfigCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::program::Call;

/// Runs a command, and returns how it ended.
///
/// # Errors
/// When it failed as a whole.
pub(crate) async fn run(call: &Call, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Sync(arguments) => sync::run(call, arguments).await,
        Command::Events(command) => events::run(call, command).await,
        Command::ProcessEvents(arguments) => events::process(call, arguments).await,
        Command::Listen(arguments) => listen::run(call, arguments).await,
        Command::Webhook(command) => webhook::run(call, command).await,
        Command::Status(arguments) => status::run(call, arguments).await,
        Command::Migrate(command) => migrate::run(call, command).await,
        Command::Config(ConfigCommand::Print) => config::print(call),
        Command::Completions { shell } => {
            let mut command = call.command.clone();
            let name = command.get_name().to_owned();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, name, &mut script);
            text(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(call.command.clone()).render(&mut page);
            rendered.map_err(|error| {
                Failure::new(
                    Exit::Failed,
                    format!("the manual cannot be written: {error}"),
                )
            })?;
            text(&page)
        }
    }
}

/// Writes a text that another program made.
fn text(bytes: &[u8]) -> Result<Exit, Failure> {
    // A script and a page have no colors, whatever they hold.
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(output::unwritten(&error)),
    }
}
