//! What the bookkeeping of a service holds already, inserted in bulk.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::customers::Failed;
use crate::database::{Database, Maria, Postgres, Sqlite};

/// Seconds in which the events that are kept happened: a month, which is less than they are kept for.
const KEPT_FOR: usize = 30 * 24 * 3_600;
/// Characters of an event that is kept, besides its id.
const EVENT: usize = 500;
/// How long messages that are not due wait, in milliseconds. A moment that is more than half an hour away is none that a service
/// puts, and is taken for one of a clock that was set back.
const NOT_DUE_FOR: u128 = 29 * 60 * 1_000;
/// A type of events that the service has no handler for.
const UNHEARD: &str = "invoice.paid";

/// A database that makes rows from numbers.
#[allow(async_fn_in_trait, reason = "used here only, on one thread")]
pub trait Bulk: Database {
    /// The least share of its throughput without anything in the bookkeeping that a service is to keep.
    const GOAL: f64;
    /// What is said after many rows were inserted, one statement each.
    const AFTERWARDS: &'static [&'static str];

    /// The numbers from 1 to `last` in a column `n` of a table `s`.
    fn numbers(last: usize) -> String;
}

impl Bulk for Sqlite {
    const GOAL: f64 = 0.8;
    const AFTERWARDS: &'static [&'static str] = &["ANALYZE"];

    fn numbers(last: usize) -> String {
        format!(
            "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {last}) SELECT n FROM c) AS s"
        )
    }
}

impl Bulk for Maria {
    const GOAL: f64 = 0.8;
    const AFTERWARDS: &'static [&'static str] =
        &["ANALYZE TABLE stripe_sync_inbox, stripe_sync_outbox"];

    fn numbers(last: usize) -> String {
        format!("(SELECT seq AS n FROM seq_1_to_{last}) AS s")
    }
}

impl Bulk for Postgres {
    const GOAL: f64 = 0.9;
    // The server would do both by itself in the middle of a round.
    const AFTERWARDS: &'static [&'static str] = &["VACUUM (ANALYZE)", "CHECKPOINT"];

    fn numbers(last: usize) -> String {
        format!("generate_series(1::bigint, {last}) AS s(n)")
    }
}

/// What is there before the first round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// Nothing.
    Empty,
    /// So many events that are done, about the customers that change.
    Done(usize),
    /// So many messages that nobody can be told now: half of them are not due, half are for a handler that the service does
    /// not have.
    Waiting(usize),
}

impl Filling {
    /// Inserts it. All customers are in their table.
    pub(super) async fn fill<D: Bulk>(
        self,
        database: &D,
        account: &str,
        customers: usize,
    ) -> Result<(), Failed> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let (seconds, millis) = (now.as_secs(), now.as_millis());
        match self {
            Self::Empty => {}
            Self::Done(events) => {
                let each = D::numbers(events.div_ceil(customers));
                let payload = "x".repeat(EVENT);
                let created = format!("{seconds} - (s.n * 997) % {KEPT_FOR}");
                let insert = format!(
                    "INSERT INTO stripe_sync_inbox (account, livemode, id, seq, kind, object, object_id, created, received_at, \
                     source, state, done_at, payload, form) \
                     SELECT '{account}', FALSE, CONCAT('evt_', c.id, '_', s.n), -s.n, 'customer.updated', 'customer', c.id, \
                     {created}, ({created}) * 1000, 0, 1, ({created}) * 1000 + 20, \
                     CONCAT('{{\"id\": \"evt_', c.id, '_', s.n, '\", \"filling\": \"{payload}\"}}'), 0 \
                     FROM customers AS c CROSS JOIN {each}"
                );
                database.run(&insert).await?;
            }
            Self::Waiting(messages) => {
                let half = D::numbers(messages / 2);
                let later = millis + NOT_DUE_FOR;
                for (kind, object, due, attempts) in [
                    ("customer.updated", "customer", later, 3),
                    (UNHEARD, "invoice", millis, 0),
                ] {
                    let insert = format!(
                        "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, attempts, due_at, about, \
                         about_id) \
                         SELECT '{account}', FALSE, '{kind}', CONCAT('evt_{object}_', s.n), '', {attempts}, {due}, '{object}', \
                         CONCAT('{object}_', s.n) FROM {half}"
                    );
                    database.run(&insert).await?;
                }
            }
        }
        for statement in D::AFTERWARDS {
            database.run(statement).await?;
        }
        Ok(())
    }
}
