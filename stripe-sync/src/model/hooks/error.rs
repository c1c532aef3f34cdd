//! Why a `sync` hook could not write something.

use std::error::Error;

use crate::model::Model;

/// Why a statement or a row of a `sync` hook was not written. The object of the hook fails with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There are more or fewer values than placeholders.
    #[error("expected {expected} values, one for each `?` of the statement, got {found}")]
    Values {
        /// How many `?` the statement has.
        expected: usize,
        /// How many values came.
        found: usize,
    },

    /// A placeholder has a number.
    #[error(
        "expected `?`, got `{found}`: placeholders have no numbers, values are taken in their order"
    )]
    NumberedPlaceholder {
        /// What stands in the statement.
        found: String,
    },

    /// The database refused the statement.
    #[error("{cause}")]
    Statement {
        /// The database's error.
        cause: sqlx::Error,
    },

    /// Rows of the other model cannot be written in this way.
    #[error(
        "`{model}` has the hook `{hook}`, which a row that another model's hook writes does not call: mirror `{model}` by itself, \
         or give these rows a model without it"
    )]
    Hooked {
        /// The other struct's name.
        model: &'static str,
        /// The hook.
        hook: &'static str,
    },

    /// The other model's table does not exist, does not fit, or has other rows.
    #[error("`{model}`: {cause}")]
    Table {
        /// The other struct's name.
        model: &'static str,
        /// What is wrong with it: a `StoreError`, or a `SyncError::Table`'s differences as text.
        cause: Box<dyn Error + Send + Sync>,
    },

    /// The row is not one that the table takes.
    #[error("`{model}` {id}: {}{reason}", of_column(column.as_deref()))]
    Row {
        /// The other struct's name.
        model: &'static str,
        /// The row's id.
        id: String,
        /// The column to blame, if it is one.
        column: Option<String>,
        /// What was expected and what came.
        reason: String,
    },

    /// A newer read than this one has written the row. The object of the hook is read again, and the hook runs again.
    #[error(
        "`{model}` {id}: a newer read has written the row; the object of this hook is read again"
    )]
    Overtaken {
        /// The other struct's name.
        model: &'static str,
        /// The row's id.
        id: String,
    },

    /// The transaction ends: it is done again, or the run ends with the error.
    #[error("the transaction ends: {reason}")]
    Ended {
        /// Why.
        reason: String,
    },

    /// An earlier call failed, so the object fails, and nothing more of it is written.
    #[error("nothing is written after an error: {reason}")]
    Failed {
        /// The earlier error.
        reason: String,
    },
}

fn of_column(column: Option<&str>) -> String {
    column.map_or_else(String::new, |column| format!("column `{column}`: "))
}

impl WriteError {
    /// Returns the database's error, where there is one. The message has it already, so `source` does not return it.
    pub fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Statement { cause } => Some(cause),
            _ => None,
        }
    }

    pub(crate) fn row(model: &Model, id: &str, reason: impl Into<String>) -> Self {
        Self::Row {
            model: model.name(),
            id: id.to_owned(),
            column: None,
            reason: reason.into(),
        }
    }
}
