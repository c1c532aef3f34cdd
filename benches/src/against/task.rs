//! What the referee and a contestant tell each other: one line of JSON each way, and in `Live` one more in the middle.

use serde::{Deserialize, Serialize};

/// A database that a contestant writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// A file, read and written by the contestant's own process.
    Sqlite,
    /// The server at `STRIPE_SYNC_TEST_MYSQL`.
    Maria,
    /// The server at `STRIPE_SYNC_TEST_POSTGRES`.
    Postgres,
}

/// What a contestant does, once, in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Bytes to rows, without a database.
    Mapping,
    /// Syncs from a list in memory: the first, one without a change, one with a tenth changed.
    Writes(Engine),
    /// Four resources from the fake Stripe into an empty database.
    Backfill(Engine),
    /// Deliveries, kept and then processed with a read of each object.
    Live(Engine),
}

/// The argument of a contestant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// What is done.
    pub work: Work,
    /// The fake Stripe's address; empty where the work needs none.
    pub url: String,
    /// A key of it.
    pub key: String,
    /// Whether the SQL statements are counted. Counting costs CPU time, so the times of such a run count for nothing.
    pub counts_statements: bool,
}

/// What one part of the work cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which part; empty where the work has one only.
    pub part: String,
    /// CPU seconds of the contestant's process.
    pub client: f64,
    /// CPU seconds of the database server for the contestant's connections.
    pub server: f64,
    /// SQL statements; nothing where they were not counted.
    pub statements: Option<u64>,
}

/// What a contestant of `Live` waits for in the middle, once its table is filled: the changes since then, signed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliveries {
    /// The signing secret of the endpoint.
    pub secret: String,
    /// In the order in which they are delivered.
    pub deliveries: Vec<Signed>,
}

/// One request of a webhook endpoint.
#[derive(Debug, Serialize, Deserialize)]
pub struct Signed {
    /// The names and values of its headers.
    pub headers: Vec<(String, String)>,
    /// The event.
    pub body: String,
}

/// What a contestant of `Live` prints when its table is filled.
pub const READY: &str = "ready";
