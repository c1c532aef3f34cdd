//! Events that were given to those who follow the list of events by themselves, in `forwarded`.

use std::collections::HashSet;

use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Scope, Store, StoreError, transaction};

const TABLE: &str = "stripe_sync_forwarded";
/// The rows of one follower.
const OF_FOLLOWER: &str = "WHERE follower = ? AND account = ? AND livemode = ?";
/// A row, as an INSERT has it.
const EVENT: &str = "$forwarded (follower, account, livemode, id, created) VALUES (?, ?, ?, ?, ?)";
/// The id of the row that says from when on is followed.
const BEGIN: &str = "";

/// What a follower was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forwarded {
    /// From when on it follows, in unix seconds; `None` if what it was given last says so.
    pub(crate) begin: Option<i64>,
    /// The second of the newest event that it was given, or from which on it follows.
    pub(crate) until: i64,
    /// The ids of those of the last minutes.
    pub(crate) ids: HashSet<String>,
}

/// The key of a follower as parameters, and others after it.
fn key<'b>(follower: &'b str, scope: &'b Scope, after: &[Bind<'b>]) -> Vec<Bind<'b>> {
    [&scope_binds(follower, scope)[..], after].concat()
}

impl Store {
    /// Returns what a follower was given; `None` if it never was one.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forwarded(
        &self,
        follower: &str,
        scope: &Scope,
    ) -> Result<Option<Forwarded>, StoreError> {
        let sql = format!("SELECT id, created FROM $forwarded {OF_FOLLOWER}");
        let rows: Vec<(String, i64)> = self.rows(TABLE, &sql, &key(follower, scope, &[])).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut forwarded = Forwarded {
            until: i64::MIN,
            ..Forwarded::default()
        };
        for (id, created) in rows {
            forwarded.until = forwarded.until.max(created);
            match id.as_str() {
                BEGIN => forwarded.begin = Some(created),
                _ => drop(forwarded.ids.insert(id)),
            }
        }
        Ok(Some(forwarded))
    }

    /// Makes a follower begin at a moment: what it was given is removed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn begin_forwarding(
        &self,
        follower: &str,
        scope: &Scope,
        moment: i64,
    ) -> Result<(), StoreError> {
        transaction!(self, TABLE, async |conn| {
            let forget = format!("DELETE FROM $forwarded {OF_FOLLOWER}");
            conn.execute(forget, &key(follower, scope, &[])).await?;
            let begin = [Bind::text(BEGIN), Bind::integer(moment)];
            let begin = key(follower, scope, &begin);
            let insert = format!("INSERT INTO {EVENT}");
            conn.execute(insert, &begin).await.map(drop)
        })
    }

    /// Records an event that a follower was given, and removes those before a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_forwarded(
        &self,
        follower: &str,
        scope: &Scope,
        (id, created): (&str, i64),
        forget_before: i64,
    ) -> Result<(), StoreError> {
        let insert = self.kind().insert_new(EVENT);
        transaction!(self, TABLE, async |conn| {
            let event = [Bind::text(id), Bind::integer(created)];
            conn.execute(&insert, &key(follower, scope, &event)).await?;
            let forget = format!("DELETE FROM $forwarded {OF_FOLLOWER} AND created < ?");
            let before = key(follower, scope, &[Bind::integer(forget_before)]);
            conn.execute(forget, &before).await.map(drop)
        })
    }
}
