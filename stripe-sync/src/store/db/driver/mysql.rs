//! MySQL and MariaDB.
pub(crate) mod catalog;
pub(crate) mod codec;

pub(crate) mod compare;
pub(crate) mod error;
pub(crate) mod fit;

use stripe_sync_schema::sql::{Database, mysql::QUOTE};

use crate::store::db::dialect::Dialect;

pub(crate) static DIALECT: Dialect = Dialect {
    sql: Database::MySql,
    name: "MySQL",
    feature: "mysql",
    quote: QUOTE,
    // The default, REPEATABLE READ, locks the gaps between rows and reads an old snapshot after it waited for a lock.
    begin: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    begin_page: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    constraints_now: None,
    skip_locked: " FOR UPDATE SKIP LOCKED",
    now_millis: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
    or_ignore: Database::MySql.or_ignore(),
    for_share: " LOCK IN SHARE MODE",
    for_update: " FOR UPDATE",
    greatest: Database::MySql.greatest(),
    least: "LEAST",
    column_type: catalog::column_type,
    key_text: "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    read_as: |_| None,
    fit: fit::fit,
    zero: catalog::zero,
    columns: catalog::COLUMNS,
    unique_keys: catalog::UNIQUE_KEYS,
};
