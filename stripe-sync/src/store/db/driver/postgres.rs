//! PostgreSQL.
pub(crate) mod catalog;
pub(crate) mod codec;

pub(crate) mod error;
pub(crate) mod fit;
pub(crate) mod moment;

use stripe_sync_schema::sql::{Database, postgres::QUOTE};

use crate::store::db::dialect::Dialect;

pub(crate) static DIALECT: Dialect = Dialect {
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
    column_type: catalog::column_type,
    key_text: "text",
    read_as: catalog::read_as,
    fit: fit::fit,
    zero: catalog::zero,
    columns: catalog::COLUMNS,
    unique_keys: catalog::UNIQUE_KEYS,
};
