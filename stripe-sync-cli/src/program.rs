//! A program of commands over a registry.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use stripe_sync::{Placement, Registry, SyncerBuilder};

use crate::arguments::{Arguments, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Output, progress::Bars};
use crate::settings::Settings;
use crate::{commands, logging};

/// Runs the command that the process was called with, over these models, and returns the exit code.
///
/// It makes a tokio runtime of its own, and so is called from a `main` that is not `async`.
pub fn run(models: impl Into<Registry>) -> ExitCode {
    Program::new(models).run()
}

type SyncerSettings = Box<dyn Fn(SyncerBuilder) -> SyncerBuilder + Send + Sync>;

/// A program of commands, with more settings than [`run`] has.
///
/// ```no_run
/// # use std::process::ExitCode;
/// # use stripe_sync::{Placement, Registry};
/// # fn models() -> Registry { Registry::new() }
/// # #[derive(Clone)] struct Mailer;
/// fn main() -> ExitCode {
///     stripe_sync_cli::Program::new(models())
///         .name("billing")
///         .bookkeeping(Placement::default().schema("stripe"))
///         // What the models' hooks find with `Context::state`.
///         .syncer(|builder| builder.state(Mailer))
///         .run()
/// }
/// ```
#[must_use]
pub struct Program {
    pub(crate) models: Registry,
    pub(crate) placement: Placement,
    pub(crate) syncer: SyncerSettings,
    name: Option<String>,
}

impl Program {
    /// A program over these models.
    pub fn new(models: impl Into<Registry>) -> Self {
        Self {
            models: models.into(),
            placement: Placement::default(),
            syncer: Box::new(|builder| builder),
            name: None,
        }
    }

    /// The name that help and completions have; that of the executable unless this says otherwise.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Where the bookkeeping tables are: see [`SyncerBuilder::bookkeeping`].
    pub fn bookkeeping(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// More settings of the syncer, such as the [state](SyncerBuilder::state) of hooks.
    pub fn syncer(
        mut self,
        settings: impl Fn(SyncerBuilder) -> SyncerBuilder + Send + Sync + 'static,
    ) -> Self {
        self.syncer = Box::new(settings);
        self
    }

    /// Runs the command that the process was called with, and returns the exit code.
    pub fn run(self) -> ExitCode {
        self.run_with(std::env::args_os()).into()
    }

    /// Runs the command of these arguments, the first of which is the program's name.
    pub fn run_with(self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Exit {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let command = self.command(arguments.first());
        let parsed = command
            .clone()
            .try_get_matches_from(&arguments)
            .and_then(|matches| Arguments::from_arg_matches(&matches));
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                // Help and the version are no errors.
                let exit = match error.exit_code() {
                    0 => Exit::Done,
                    _ => Exit::Usage,
                };
                let _ = error.print();
                return exit;
            }
        };
        let settings = match Settings::new(&parsed.settings) {
            Ok(settings) => settings,
            Err(failure) => {
                output::tell(&failure, parsed.settings.format.unwrap_or_default());
                return failure.exit();
            }
        };
        output::set_color(settings.color.value);
        let format = settings.format.value;
        let bars = Bars::new(!parsed.settings.quiet && format == Format::Human);
        logging::start(parsed.settings.quiet, parsed.settings.verbose, &bars);
        let call = Call {
            program: self,
            command,
            settings,
            output: Output { format },
            bars: bars.clone(),
        };
        let done = match runtime() {
            Ok(runtime) => runtime.block_on(commands::run(&call, parsed.command)),
            Err(failure) => Err(failure),
        };
        bars.clear();
        match done {
            Ok(exit) => exit,
            Err(failure) => {
                output::tell(&failure, format);
                failure.exit()
            }
        }
    }

    /// The command line, for completions and the manual.
    fn command(&self, called: Option<&OsString>) -> clap::Command {
        let called = called.map(Path::new).and_then(Path::file_stem);
        let called = called.map(|name| name.to_string_lossy().into_owned());
        let name = self.name.clone().or(called);
        let name = name.unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned());
        Arguments::command().name(name.clone()).bin_name(name)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("models", &self.models.tables())
            .finish_non_exhaustive()
    }
}

/// One call of a program.
pub(crate) struct Call {
    pub(crate) program: Program,
    pub(crate) command: clap::Command,
    pub(crate) settings: Settings,
    pub(crate) output: Output,
    pub(crate) bars: Bars,
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("the runtime cannot be made: {error}")))
}
