//! How PostgreSQL's tokens are taken.
//!
//! A sequence gives a number without a lock until the end of the transaction. But it needs a grant of its own: `GRANT ... ON
//! ALL TABLES` leaves sequences out. So two functions take tokens with the right of whoever created the tables. `EXECUTE`
//! is `PUBLIC`'s by default, and a role that may write the tables can take tokens. Their bodies are of the SQL standard's
//! form, which PostgreSQL 14 and newer bind to the sequence when they are created, so no search path and no renaming leads
//! them to another one; the fixed search path is for the functions that they call.

use super::Bookkeeping;
use super::list::{CLOCK, NEXT_TOKEN, SKIP_TOKENS};

/// Lets one session at a time leap over tokens. The number is arbitrary, and the same in every version.
const SKIP_LOCK: i64 = 0x0073_7472_6970_6574;
/// The shortest leap. Between the two steps of a leap other sessions take tokens, and would be given the same again if
/// they took more than it leaps over.
const SHORTEST_SKIP: i64 = 1_000_000;
/// The longest leap: everybody may call the function, and the sequence must not come to its end.
const LONGEST_SKIP: i64 = 1_000_000_000;

/// The statements that create the sequence and its functions.
pub(super) fn creation(tables: Bookkeeping<'_>) -> [String; 3] {
    let [sequence, next, skip] = [CLOCK, NEXT_TOKEN, SKIP_TOKENS].map(|name| tables.table(name));
    let clock = format!("'{}'::regclass", sequence.replace('\'', "''"));
    let rights = "LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp";
    [
        format!("CREATE SEQUENCE IF NOT EXISTS {sequence}"),
        format!(
            "CREATE OR REPLACE FUNCTION {next}() RETURNS bigint\n{rights}\nRETURN nextval({clock})"
        ),
        format!(
            "CREATE OR REPLACE FUNCTION {skip}(n bigint) RETURNS bigint\n{rights}\nBEGIN ATOMIC\n  \
             SELECT pg_advisory_xact_lock({SKIP_LOCK});\n  \
             SELECT setval({clock}, nextval({clock}) + least(greatest(n, {SHORTEST_SKIP}), {LONGEST_SKIP}));\nEND"
        ),
    ]
}
