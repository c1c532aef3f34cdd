//! Why a run stopped.

use std::fmt;

use crate::client::{ClientError, Response};
use crate::model::Model;
use crate::store::db::StoreError;
use crate::store::rows::Failure;
use crate::store::tables::check::difference::Difference;

use crate::sync::report::Report;

/// Why a run stopped. One object that fails does not stop a run: it is in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// Stripe refused, or could not be reached within the time limit.
    #[error(transparent)]
    Stripe(#[from] ClientError),

    /// The database refused, or the table is bound to another account or mode.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// The table is not what the struct needs. Nothing was written.
    #[error("the table of `{model}` does not fit the struct:{}", list(differences))]
    Table {
        /// The struct's name.
        model: &'static str,
        /// Everything that differs, each with the statement that mends it.
        differences: Vec<Difference>,
    },

    /// The registry says that the table is elsewhere than the syncer has it. Nothing was written.
    #[error(
        "`{model}` is in `{expected}` here and in `{found}` in the syncer's registry: build the syncer with this registry"
    )]
    WrongPlace {
        /// The struct's name.
        model: &'static str,
        /// Where the registry at hand has the table.
        expected: String,
        /// Where the syncer has it.
        found: String,
    },

    /// The syncer's registry has another model in the place of this one. Nothing was written.
    #[error("`{by}` is in the place of `{model}` in the syncer's registry: use `{by}`")]
    Replaced {
        /// The struct's name.
        model: &'static str,
        /// The name of the struct in its place.
        by: &'static str,
    },

    /// Models of two resources are in one table, and each would take the other's rows for deleted. Nothing was written.
    #[error(
        "`{model}` mirrors `{object}` and `{other}` mirrors `{other_object}`, and both are in table {table}: give one of them \
         a table of its own with #[stripe(table = \"...\")] or in the registry"
    )]
    SharedTable {
        /// The table.
        table: String,
        /// A struct.
        model: &'static str,
        /// Stripe's name of its resource.
        object: &'static str,
        /// Another struct.
        other: &'static str,
        /// Stripe's name of that one's resource.
        other_object: &'static str,
    },

    /// Two models of one resource have different filters in one table, and each would take the other's rows out. Nothing was
    /// written.
    #[error(
        "`{model}` has {filter} and `{other}` has {other_filter}, and both are in table {table}: give them one filter, or one \
         of them a table of its own"
    )]
    FiltersDiffer {
        /// The table.
        table: String,
        /// A struct.
        model: &'static str,
        /// Its filter.
        filter: String,
        /// Another struct.
        other: &'static str,
        /// That one's filter.
        other_filter: String,
    },

    /// The rows of the table cannot be mapped again without a read. Nothing was written.
    #[error("rows of `{model}` cannot be mapped again from the table: {reason}")]
    NotRemappable {
        /// The struct's name.
        model: &'static str,
        /// What it lacks, and what to do.
        reason: &'static str,
    },

    /// The account or the mode that was claimed is not the key's. Nothing was written.
    #[error(
        "`SyncerBuilder::account` claims {claimed}, and the key is of {found}: use a key of {claimed}, or claim what the key \
         reads"
    )]
    WrongClaim {
        /// What was claimed, for example `acct_1` or `live data`.
        claimed: String,
        /// What the key reads.
        found: String,
    },

    /// The key has no access to the account that was claimed. Nothing was written.
    #[error(
        "`SyncerBuilder::account` claims {claimed}, and the key has no access to it ({reason}): use a key of {claimed}, or \
         connect the account again"
    )]
    NoAccess {
        /// The account that was claimed.
        claimed: String,
        /// What Stripe answered.
        reason: String,
    },

    /// The account or the mode of the key is not known, and without it rows cannot be told apart. Nothing was written.
    #[error(
        "the account of the key is not known ({reason}): a key that may not read /v1/account needs \
         `Syncer::builder(..).account(\"acct_...\", livemode)`"
    )]
    UnknownAccount {
        /// What was tried.
        reason: String,
    },

    /// An event is of a connected account, and the model's table cannot tell accounts apart. Nothing was written.
    #[error(
        "`{model}` has no #[stripe(account)] field, so its table is for {own} alone, and the object is one of the connected \
         account {account}"
    )]
    NoAccountField {
        /// The struct's name.
        model: &'static str,
        /// The account of the key.
        own: String,
        /// The connected account.
        account: String,
    },

    /// The resource has no list, or none that can be read without a filter.
    #[error(
        "`{object}` has no list that shows every object: give the filter it needs with \
         #[stripe(filter(...))] on `{model}`, or use `sync_by_ids`"
    )]
    NotListable {
        /// The struct's name.
        model: &'static str,
        /// Stripe's name for the resource.
        object: &'static str,
    },

    /// The resource has no endpoint that returns one object by its id.
    #[error(
        "`{object}` has no endpoint that returns one object by its id: `{model}` is synced with `sync_all`, and an object at \
         hand with `sync(object.read_since(token))`, where `Syncer::start_read` returns the token before the request"
    )]
    NotRetrievable {
        /// The struct's name.
        model: &'static str,
        /// Stripe's name for the resource.
        object: &'static str,
    },

    /// A column of which missing references are wanted refers to no model.
    #[error("expected a column of `{model}` with #[stripe(references = ...)], got `{column}`")]
    NoReference {
        /// The struct's name.
        model: &'static str,
        /// What was given as a column.
        column: String,
    },

    /// The object is read below its parent, and nothing says which that is.
    #[error(
        "`{model}` {id} is read below its parent: expected an event or a row that names its {members}, got none"
    )]
    NoParent {
        /// The struct's name.
        model: &'static str,
        /// The object's id.
        id: String,
        /// The members that name a parent.
        members: String,
    },

    /// The object is of another resource than the model.
    #[error("expected an object `{expected}` for `{model}`, got `{found}` ({id})")]
    WrongObject {
        /// The struct's name.
        model: &'static str,
        /// The model's resource.
        expected: &'static str,
        /// The object's resource.
        found: String,
        /// The object's id.
        id: String,
    },

    /// A list answered something that is not a page.
    #[error("{path} answered something that is not a list page: {reason} (request {})", request_id.as_deref().unwrap_or("without an id"))]
    Page {
        /// The list's path.
        path: String,
        /// What was wrong.
        reason: String,
        /// Stripe's id of the request.
        request_id: Option<String>,
    },

    /// The object that an event told of is not in its table as Stripe has it. It is remembered as failed.
    #[error("`{model}`: {failure}")]
    Object {
        /// The struct's name.
        model: &'static str,
        /// The object, and why.
        failure: Failure,
    },

    /// Stripe does not know an object that has a row, nor the few before it, though no event tells of a deletion. The row is
    /// kept, and read again until anything of the account is found.
    #[cfg(feature = "live")]
    #[error(
        "`{model}`: expected to find {id} of {scope}, whose row is kept: Stripe knows neither it nor the {in_a_row} objects \
         before it, and no event tells of a deletion; that looks like a key of another account, or one whose data was deleted"
    )]
    Doubted {
        /// The struct's name.
        model: &'static str,
        /// The object's id.
        id: String,
        /// The account and the mode.
        scope: String,
        /// How many rows went before it.
        in_a_row: u32,
    },

    /// Changes are not kept, so nobody can subscribe to them.
    #[cfg(feature = "live")]
    #[error(
        "changes are not kept: set `Live::builder(..).record_changes(true)`, in every process that runs the service"
    )]
    ChangesNotKept,

    /// Changes were purged before they were delivered. The stream goes on with those that are kept.
    #[cfg(feature = "live")]
    #[error(
        "changes behind position {behind} were purged before they were delivered: take what is in the tables now, and subscribe from `None` or `ChangePosition::OLDEST`; `Retention::changes` says how long they are kept"
    )]
    ChangesForgotten {
        /// The last position that was delivered.
        behind: crate::store::events::position::ChangePosition,
    },

    /// The model is not one of those that the service mirrors.
    #[cfg(feature = "live")]
    #[error(
        "`{model}` is not mirrored by this service: add `Live::builder(..).model::<{model}>()`"
    )]
    NotMirrored {
        /// The struct's name.
        model: &'static str,
    },

    /// Every object that could serve as a cursor vanished, again and again.
    #[error(
        "the cursor of {path} vanished {times} times: objects are deleted faster than they are read"
    )]
    CursorLost {
        /// The list's path.
        path: String,
        /// How often the list was begun again.
        times: u32,
    },

    /// The database refused many objects one after the other, with one code, and took none: the table is not as the model
    /// needs it. They are not recorded as failed, and the next run reads everything again.
    #[error(
        "the database refused {times} objects of `{model}` in a row and took none, the last with: {reason}; none of them is \
         recorded as failed, and the next run begins anew"
    )]
    NothingTaken {
        /// The struct's name.
        model: &'static str,
        /// How many.
        times: usize,
        /// What the database said of the last one.
        reason: String,
    },

    /// A list leads to the same place again, or promises more and shows nothing. Stripe's lists end: what stands between here
    /// and Stripe may answer for it.
    #[error("the list {path} does not end: {reason}")]
    EndlessList {
        /// The list's path.
        path: String,
        /// How that was noticed.
        reason: String,
    },

    /// Stripe no longer remembers the events since the run began, or since the last one, so it cannot be told what
    /// changed meanwhile. What was read stays.
    #[error(
        "the lists of `{model}` were read {days} days ago, and Stripe remembers events for 30: read them again with \
         `SyncAllOptions::default().restart(true)`"
    )]
    EventsExpired {
        /// The struct's name.
        model: &'static str,
        /// How many days ago.
        days: i64,
    },

    /// The run began and did not end; what it wrote stays, and a new run completes it.
    #[error("{cause} (after {} objects)", report.seen)]
    Incomplete {
        /// What was done before.
        report: Box<Report>,
        /// Why it stopped.
        cause: Box<SyncError>,
    },
}

/// The result of one model.
pub type ModelResult<T = Report> = (&'static Model, Result<T, SyncError>);

fn list(differences: &[Difference]) -> String {
    differences
        .iter()
        .map(|difference| format!("\n  {difference}"))
        .collect()
}

impl SyncError {
    /// What a list answered that is not a page.
    pub(crate) fn page(path: &str, error: &impl fmt::Display, response: &Response) -> Self {
        Self::Page {
            path: path.to_owned(),
            reason: error.to_string(),
            request_id: response.request_id.clone(),
        }
    }

    /// What was done before the run stopped, if it had begun.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Incomplete { report, .. } => Some(report),
            _ => None,
        }
    }

    /// The error that stopped the run, without the report.
    pub fn root(&self) -> &Self {
        match self {
            Self::Incomplete { cause, .. } => cause.root(),
            other => other,
        }
    }
}
