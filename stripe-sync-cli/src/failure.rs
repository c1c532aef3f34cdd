//! Why a command failed, and what to do next.

use std::fmt;

use stripe_sync::client::{ClientError, ConfigError};
use stripe_sync::live::LiveError;
use stripe_sync::webhook::EndpointError;
use stripe_sync::{StoreError, SyncError};

use crate::exit::Exit;

/// Why a command failed: a sentence, and another one that says what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    next: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            next: None,
        }
    }

    /// What is wrong with the arguments or the settings.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What may not be read.
    pub(crate) fn no_access(message: impl Into<String>) -> Self {
        Self::new(Exit::NoAccess, message)
    }

    /// Says what to do, in the imperative.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn advice(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.next {
            Some(next) => write!(f, "\n  next: {next}"),
            None => Ok(()),
        }
    }
}

/// How a command ends that Stripe refused.
fn exit_of(error: &ClientError) -> Exit {
    match error.is_unauthorized() || error.is_permission() {
        true => Exit::NoAccess,
        false => Exit::Failed,
    }
}

fn advice_of(error: &ClientError) -> &'static str {
    if error.is_unauthorized() {
        "check the key: copy it anew from https://dashboard.stripe.com/apikeys"
    } else if error.is_permission() {
        "give the restricted key the permission that the message names, at https://dashboard.stripe.com/apikeys"
    } else if error.status().is_some() {
        "look the request up at https://dashboard.stripe.com/logs by its id"
    } else {
        "check the network, `--api-base` and https://status.stripe.com, then call again: it goes on where it stopped"
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::new(exit_of(&error), error.to_string()).next(advice_of(&error))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let exit = match &error {
            ConfigError::Key { .. } => Exit::NoAccess,
            _ => Exit::Usage,
        };
        Self::new(exit, error.to_string()).next("check the settings with `config print`")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let next = match &error {
            StoreError::Tables(_) => {
                "use a program of the version that made the tables, or a newer one"
            }
            StoreError::Bookkeeping { .. } => {
                "run `migrate print` with a role that may create tables, then call again"
            }
            _ => {
                "check the database and `--database`, then call again: it goes on where it stopped"
            }
        };
        Self::new(Exit::Failed, error.to_string()).next(next)
    }
}

impl From<EndpointError> for Failure {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Client(error) => error.into(),
            EndpointError::TooMany { .. } => Self::new(Exit::Failed, error.to_string()).next(
                "delete an endpoint that nobody needs: `webhook list`, `webhook delete we_…`",
            ),
            error => Self::new(Exit::Failed, error.to_string())
                .next("call again; `webhook list` shows what there is"),
        }
    }
}

impl From<LiveError> for Failure {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Models(error) => (*error).into(),
            error => Self::new(Exit::Failed, error.to_string()),
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let message = error.to_string();
        let (exit, next) = match error.root() {
            SyncError::Stripe(error) => (exit_of(error), advice_of(error)),
            SyncError::Table { .. } => (
                Exit::Failed,
                "run the statements above, or `migrate run`, which adds what is missing",
            ),
            SyncError::UnknownAccount { .. } => (
                Exit::NoAccess,
                "give the key the permission to read the account, or name the account with `--account acct_…`",
            ),
            SyncError::NoAccess { .. } | SyncError::WrongClaim { .. } => {
                (Exit::NoAccess, "check `--account` and the key")
            }
            SyncError::EventsExpired { .. } => (Exit::Failed, "call `sync --restart`"),
            SyncError::NothingTaken { .. } => (
                Exit::Failed,
                "mend the table: the reason says what the database refuses; then call again",
            ),
            SyncError::NotListable { .. } => (
                Exit::Failed,
                "leave it out by naming the other resources, or give its model the filter it needs",
            ),
            SyncError::NotRetrievable { .. } => {
                (Exit::Failed, "sync the whole resource instead of ids")
            }
            SyncError::Store(_) => (
                Exit::Failed,
                "check the database and `--database`, then call again: it goes on where it stopped",
            ),
            _ => (Exit::Failed, "call again: it goes on where it stopped"),
        };
        Self::new(exit, message).next(next)
    }
}
