//! Why a program cannot use the bookkeeping tables.

/// Why a program cannot use the bookkeeping tables.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TablesError {
    /// A newer program changed the tables.
    #[error(
        "the bookkeeping tables have version {found} ({table}), and this program knows versions up to {known}: a newer \
         version of stripe-sync has changed them. Run a program that is built with that version or a newer one; to go back to \
         this one, restore the tables as they were before the change"
    )]
    Newer {
        /// The table that says which version they have.
        table: String,
        /// The version that they have.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },

    /// A table is not what its version says.
    #[error(
        "the bookkeeping table {table} has no column {column}, which it has in version {version}, and that version is what \
         the tables are said to have: if they were created over those of an older version, remove the row that says so, and \
         the program brings them up to date when it starts again"
    )]
    MissingColumn {
        /// The table.
        table: String,
        /// The column that it has not.
        column: &'static str,
        /// The version that the tables are said to have.
        version: i64,
    },
}
