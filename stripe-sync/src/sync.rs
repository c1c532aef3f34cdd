//! The drivers: `sync_all`, `sync_by_ids`, `sync`, `remap` and `verify`, over one [`Syncer`].

pub(crate) mod all;
pub(crate) mod backfill;
pub(crate) mod by_ids;
pub(crate) mod error;
pub(crate) mod list;
pub(crate) mod models;
pub(crate) mod object;
pub(crate) mod one;
pub(crate) mod progress;
pub(crate) mod remap;
pub(crate) mod report;
pub(crate) mod scope;
pub(crate) mod status;
pub(crate) mod syncer;
pub(crate) mod verify;

pub use backfill::plan::Plan;
pub use backfill::run::SyncAllOptions;
pub use backfill::status::BackfillStatus;
pub use error::{ModelResult, SyncError};
pub use models::create_table;
pub use progress::{ProgressUpdate, terminal_progress};
pub use remap::report::RemapReport;
pub use report::{Bottleneck, ChildReport, IdOutcome, IdsReport, Report};
pub use status::ModelStatus;
pub use status::pending::PendingStatements;
pub use syncer::Syncer;
pub use syncer::builder::SyncerBuilder;
pub use verify::history::VerificationSummary;
pub use verify::object::{ComparedColumn, Comparison};
pub use verify::options::VerifyOptions;
pub use verify::references::{FetchReport, MissingReferences};
pub use verify::report::{
    ChildVerification, Drift, DriftKind, Verification, VerificationCounts, VerificationKind,
};
