//! `migrate`.

use clap::{Subcommand, ValueEnum};

/// What is done with the tables' statements.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Create what is missing: bookkeeping tables, tables of models, columns; nothing is dropped or changed
    Run,
    /// Print the statements that create everything, for a migration of your own
    Print {
        /// For another database than that of --database
        #[arg(long, value_enum, value_name = "DATABASE")]
        dialect: Option<Dialect>,
    },
    /// Print what is missing, and end with exit code 4 if anything is
    Check,
}

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// SQLite
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// PostgreSQL
    #[cfg(feature = "postgres")]
    Postgres,
    /// MySQL and MariaDB
    #[cfg(feature = "mysql")]
    Mysql,
}
