//! Why a view has no statement.

use std::error::Error;
use std::fmt;

/// Why the statements of a [`View`](super::View) cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViewError {
    /// The registry has no model of a resource whose table the view reads.
    NoModel {
        /// The view.
        view: &'static str,
        /// The ready-made model.
        model: &'static str,
        /// Its resource.
        object: &'static str,
    },
    /// The registry has several models of the resource, and none is the ready-made one.
    SeveralModels {
        /// The view.
        view: &'static str,
        /// The ready-made model.
        model: &'static str,
        /// Its resource.
        object: &'static str,
    },
    /// The key of a table has the account or the mode, so the table may hold several, and the view would mix them.
    SeveralAccounts {
        /// The view.
        view: &'static str,
        /// The model of the table.
        model: &'static str,
    },
    /// The database would cut the view's name.
    LongName {
        /// The name.
        name: String,
        /// The database.
        database: String,
    },
    /// The view is not written for the database.
    UnknownDatabase {
        /// The view.
        view: &'static str,
        /// The database.
        database: String,
    },
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoModel {
                view,
                model,
                object,
            } => write!(
                f,
                "the view `{view}` reads the table of `{object}` objects, and the registry has no model of them: add `{model}`"
            ),
            Self::SeveralModels {
                view,
                model,
                object,
            } => write!(
                f,
                "the view `{view}` reads the table of `{object}` objects, and the registry has several models of them: expected one, or `{model}`"
            ),
            Self::SeveralAccounts { view, model } => write!(
                f,
                "the view `{view}` reads tables of one account and mode, and the table of `{model}` has them in its key: write a view of your own"
            ),
            Self::LongName { name, database } => write!(
                f,
                "{database} would cut the name of the view `{name}`: use a shorter prefix or schema"
            ),
            Self::UnknownDatabase { view, database } => {
                write!(f, "the view `{view}` is not written for {database}")
            }
        }
    }
}

impl Error for ViewError {}
