//! PostgreSQL.

mod connection;
mod copy;
mod error;
mod fit;
mod moment;
mod table;
mod upsert;

pub(super) use connection::{execute, fetch};
pub(super) use copy::takes_copy;
pub(super) use error::{blame, classify, pooler_trouble};
pub(super) use moment::{moment, read_moment, sent_as};
pub(super) use upsert::{insert, upsert};

use stripe_sync_schema::sql::{Database, postgres::QUOTE};

use super::db::dialect::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    sql: Database::Postgres,
    name: "PostgreSQL",
    feature: "postgres",
    quote: QUOTE,
    begin: "BEGIN",
    // Statements that were planned while the table was empty would read all of it for each page, until the next ANALYZE;
    // and planning one for its values costs as much as running it, because these are arrays of a megabyte.
    // A page need not wait for the disk: what is lost in a crash of the server is read again, and what ends a run waits.
    begin_page: "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; \
                 SET LOCAL synchronous_commit = off",
    constraints_now: Some("SET CONSTRAINTS ALL IMMEDIATE"),
    skip_locked: " FOR UPDATE SKIP LOCKED",
    now_millis: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    or_ignore: Database::Postgres.or_ignore(),
    for_share: " FOR SHARE",
    for_update: " FOR UPDATE",
    greatest: Database::Postgres.greatest(),
    least: "LEAST",
    column_type: table::column_type,
    key_text: "text",
    read_as: table::read_as,
    fit: fit::fit,
    zero: table::zero,
    columns: table::COLUMNS,
    unique_keys: table::UNIQUE_KEYS,
};
