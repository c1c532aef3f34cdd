//! What became of a row.

use crate::cell::Cell;
use crate::model::hooks::Outcome;
use crate::store::db::{Attribution, Conn, TableContext, TxError};

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// The table holds it, or a hook chose otherwise.
    Done(Outcome),
    /// Only a list says that the object is in the filter, and it has no row. Nothing was written.
    Outside,
    /// A newer read was faster, or may have been: the object is to be read again. Nothing was written.
    ReadAgain,
    /// The database or a hook refused it. Nothing was written.
    Failed {
        column: Option<String>,
        reason: String,
        /// Whether it may be taken once other rows are written.
        waits: bool,
        /// The code of the database's error, if it was the database.
        code: Option<String>,
    },
}

impl Written {
    /// Whether the table is as the read found the object.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Outside)
    }

    pub(crate) fn failed(column: Option<String>, reason: impl Into<String>) -> Self {
        Self::Failed {
            column,
            reason: reason.into(),
            waits: false,
            code: None,
        }
    }
}

impl From<Attribution> for Written {
    fn from(refused: Attribution) -> Self {
        Self::failed(refused.column, refused.reason)
    }
}

/// The refusal of a row by the database.
///
/// # Errors
/// When the database, asked for a constraint's column, fails.
pub(crate) async fn refused(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    cells: &[Cell<'static>],
    error: &sqlx::Error,
) -> Result<Written, TxError> {
    let driver = target.kind.driver();
    match error.as_database_error() {
        Some(error) => Ok(driver.attribute(conn, target, cells, error).await?.into()),
        None => Ok(Written::failed(None, error.to_string())),
    }
}
