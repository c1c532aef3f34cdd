//! Why the database as a whole refused, or one row.

pub(crate) mod attribution;

use std::fmt;
use std::time::Duration;

use crate::model::Model;
use crate::store::db::DatabaseKind;
use stripe_sync_schema::bookkeeping::{PlacementError, TablesError};

/// What a pooler before PostgreSQL does to a connection that is not set up for it, see [`StoreError::Pooler`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PoolerTrouble {
    /// A statement was prepared on another connection of the server than the one that it was sent to.
    Prepared,
    /// The pooler refuses a parameter that the driver sends when it connects.
    StartupParameter,
}

impl fmt::Display for PoolerTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prepared => {
                "it gives each transaction another connection, where a prepared statement is unknown or another one; build \
                 the syncer with `SyncerBuilder::transaction_pooler(true)`, and let hooks, handlers and the application's \
                 own statements through this pooler have `.persistent(false)`"
            }
            Self::StartupParameter => {
                "it refuses a parameter of the connection; set `ignore_startup_parameters = extra_float_digits` in \
                 pgbouncer.ini, or connect with `PgConnectOptions::extra_float_digits(None)`"
            }
        })
    }
}

/// Why the database as a whole refused. What concerns one row is that row's failure, and not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The model was derived for other databases than the one that is connected.
    #[error(
        "`{model}` was derived without statements for {database}: enable the feature `{feature}`, or remove \
         `database = ...` from its #[stripe(...)]"
    )]
    NotDerived {
        /// The struct's name.
        model: &'static str,
        /// The database that is connected.
        database: DatabaseKind,
        /// The feature that is missing, which is also the database's name in the attribute.
        feature: &'static str,
    },

    /// The database would cut the name of the table or of its schema, or refuse it. Nothing was written.
    #[error(
        "table {table} of `{model}`: expected a schema and a name of at most {longest} each, which is what {database} keeps: choose a \
         shorter name, prefix or namespace in the registry"
    )]
    LongTableName {
        /// The struct's name.
        model: &'static str,
        /// The table, with its schema if it has one.
        table: String,
        /// The database that is connected.
        database: DatabaseKind,
        /// As in `63 bytes`.
        longest: String,
    },

    /// The server changes values that do not fit, instead of refusing them.
    #[error(
        "MySQL cuts and rounds values that do not fit, unless the session's sql_mode has STRICT_TRANS_TABLES: set it on \
         the server, or in the pool's `after_connect`"
    )]
    NotStrict,

    /// The model's `sync` hook takes the connection of another database.
    #[error(
        "the `sync` hook of `{model}` takes a connection of another database, and {database} is connected"
    )]
    WrongHook {
        /// The struct's name.
        model: &'static str,
        /// The database that is connected.
        database: DatabaseKind,
    },

    /// The table holds the rows of another account or mode. Nothing was written.
    #[error(
        "table {table} holds {expected}, and the key reads {found}: use that account's key, a table of its own, or key \
         columns #[stripe(account)] and #[stripe(livemode)]; or delete its rows, the deleted ones too, if they are of no \
         use any more"
    )]
    WrongAccount {
        /// The table.
        table: String,
        /// What the table is bound to, for example `live data of acct_1`.
        expected: String,
        /// What the key reads.
        found: String,
    },

    /// The table mirrors another resource. Nothing was written.
    #[error(
        "table {table} mirrors `{expected}`, and `{model}` mirrors `{found}`: give `{model}` a table of its own with \
         #[stripe(table = \"...\")] or in the registry; or delete the table's rows, the deleted ones too, if they are of no \
         use any more"
    )]
    WrongResource {
        /// The table.
        table: String,
        /// Stripe's name of the resource that the table mirrors.
        expected: String,
        /// The struct's name.
        model: &'static str,
        /// Stripe's name of the struct's resource.
        found: &'static str,
    },

    /// A row has a token that the counter has not given: it came from a dump, or the bookkeeping was lost. The counter is
    /// raised and the work done again, so nobody but the store sees this.
    #[error("table {table} has a row with the token {token}, which the counter has not reached")]
    ClockBehind {
        /// The table.
        table: String,
        /// The row's token.
        token: i64,
    },

    /// A row has a token that no counter reaches. Nothing was written.
    #[error(
        "table {table} has a row with stripe_observed_at = {token}, which is no token of stripe-sync: set it to 0, and the \
         next run compares the row with Stripe"
    )]
    TokenOutOfReach {
        /// The table.
        table: String,
        /// The row's token.
        token: i64,
    },

    /// The table has the rows of another filter. Nothing was written.
    #[error(
        "table {table} has the rows of {expected}, and `{model}` has {found}: mirror it anew with \
         `SyncAllOptions::default().change_filter(true)`, or give `{model}` a table of its own"
    )]
    WrongFilter {
        /// The table.
        table: String,
        /// The filter whose rows it has.
        expected: String,
        /// The struct's name.
        model: &'static str,
        /// The struct's filter.
        found: String,
    },

    /// Another run of the same table, account and mode is under way.
    #[error(
        "another sync_all of table {table} is under way: {holder}; if it died, its lease ends in {seconds} s"
    )]
    WalkRunning {
        /// The table.
        table: String,
        /// The process that has the lease.
        holder: String,
        /// When the lease ends if it is not renewed, in seconds.
        seconds: i64,
    },

    /// The run's lease ended, and another run may have taken its place. Nothing was written.
    #[error(
        "the lease on the run over table {table} was lost: the process was halted longer than the lease"
    )]
    LeaseLost {
        /// The table.
        table: String,
    },

    /// Another worker took over the object of an event: this one was silent for longer than its claim lasts.
    #[error("the claim on {object} {id} was lost: the worker was halted longer than it lasts")]
    ClaimLost {
        /// Stripe's name of the resource.
        object: String,
        /// The object's id.
        id: String,
    },

    /// A handler of events that runs inside the transaction returned an error. Nothing was written.
    #[error("the handler of event {event} ({kind}): {cause}")]
    Handler {
        /// The event's id.
        event: String,
        /// The event's type.
        kind: String,
        /// What the handler returned.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Other transactions were in the way each time.
    #[error("table {table} is in use: gave up after {tries} attempts: {reason}")]
    Contended {
        /// The table.
        table: String,
        /// How often it was tried.
        tries: u32,
        /// The last reason.
        reason: String,
        /// The database's last error, unless rows changed under the transaction.
        cause: Option<sqlx::Error>,
    },

    /// The database did not answer within the bound, on two connections one after the other.
    #[error(
        "{database} did not answer within {} s (table {table}): the bound of a statement is \
         `SyncerBuilder::statement_timeout`",
        limit.as_secs_f64()
    )]
    Silent {
        /// The table.
        table: String,
        /// The database.
        database: DatabaseKind,
        /// The bound.
        limit: Duration,
    },

    /// A row of the database does not hold what the program reads from it.
    #[error("unexpected row of {database} (table {table}): {cause}")]
    UnexpectedRow {
        /// The table.
        table: String,
        /// The database.
        database: DatabaseKind,
        /// Which column, what was expected, and what it holds.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A row of the bookkeeping has a state that this program does not know: a newer one wrote it.
    #[error(
        "table {table}: {value} in column {column} is unknown to this version of stripe-sync; a newer one wrote it"
    )]
    UnknownState {
        /// The bookkeeping table.
        table: &'static str,
        /// Its column.
        column: &'static str,
        /// What the column holds.
        value: i64,
    },

    /// The bookkeeping tables are of another version than this program's, or not as their version says.
    #[error(transparent)]
    Tables(#[from] TablesError),

    /// The bookkeeping tables cannot be placed so.
    #[error(transparent)]
    Placement(#[from] PlacementError),

    /// The database cannot tell others of changes. Nothing was written.
    #[error(
        "`SyncerBuilder::notify` needs PostgreSQL, and {database} is connected: {database} has no NOTIFY"
    )]
    NoNotify {
        /// The database that is connected.
        database: DatabaseKind,
    },

    /// The channel of `SyncerBuilder::notify` has a name that `LISTEN` would not take as it is. Nothing was written.
    #[error(
        "the channel `{channel}` of `SyncerBuilder::notify`: expected 1 to 63 small letters, digits and underscores, with no          digit first"
    )]
    NotifyChannel {
        /// The name.
        channel: String,
    },

    /// Bookkeeping tables are missing or of an older version, and the database refused to make them.
    #[error(
        "bookkeeping tables are missing or of an older version, and the database refused to make them: let a role that may \
         create tables run the statements of `bookkeeping_statements`, or start the program once: {cause}"
    )]
    Bookkeeping {
        /// The database's error.
        cause: sqlx::Error,
    },

    /// A pooler stands before PostgreSQL, and the connection is not set up for one.
    #[error(
        "a pooler such as PgBouncer stands before PostgreSQL (table {table}): {trouble}: {cause}"
    )]
    Pooler {
        /// The table.
        table: String,
        /// What the pooler does, and what helps.
        trouble: PoolerTrouble,
        /// The database's error.
        cause: sqlx::Error,
    },

    /// The database refused a statement, or could not be reached.
    #[error("{database} refused work on table {table}: {cause}")]
    Database {
        /// The table.
        table: String,
        /// The database.
        database: DatabaseKind,
        /// The database's error.
        cause: sqlx::Error,
    },
}

impl StoreError {
    /// Whether a column holds a value that is none of its type.
    pub(crate) fn is_of_a_value(&self) -> bool {
        let cause = match self {
            Self::Database { cause, .. } => Some(cause),
            _ => None,
        };
        matches!(cause, Some(sqlx::Error::ColumnDecode { .. }))
    }

    pub(crate) fn not_derived(model: &Model, database: DatabaseKind) -> Self {
        Self::NotDerived {
            model: model.name(),
            database,
            feature: database.dialect().feature,
        }
    }

    pub(crate) fn long_name(model: &Model, table: &str, database: DatabaseKind) -> Self {
        let longest = database.dialect().longest_name;
        Self::LongTableName {
            model: model.name(),
            table: table.to_owned(),
            database,
            longest: longest.map_or_else(String::new, |longest| longest.to_string()),
        }
    }

    /// Returns the database's error, where there is one. The message has it already, so `source` does not return it.
    pub fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Bookkeeping { cause }
            | Self::Pooler { cause, .. }
            | Self::Database { cause, .. } => Some(cause),
            Self::Contended { cause, .. } => cause.as_ref(),
            _ => None,
        }
    }
}
