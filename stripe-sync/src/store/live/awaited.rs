//! Objects that somebody waits for: they are due at once, and the reads that cover them are told apart from others.

use super::StoreError;
use super::due;
use super::work::{OF_KEY, Subject, TABLE, key};
use crate::cell::CellType;
use crate::store::connection::Taken;
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store, with_connection};

/// What was known of an object when it was asked for: reads that follow from claims before that moment do not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    /// The claim that ended last.
    ended: i64,
    /// The claim that was last: it may not have ended yet.
    token: i64,
}

/// How an object that was asked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It waits, or is being read.
    Waiting,
    /// It failed, and is tried again.
    Failing,
    /// A read that began after it was asked for is in the table.
    Read,
    /// It failed for the last time.
    GivenUp,
    /// Nothing is known of it any more: it was read or given up, a while ago.
    Forgotten,
}

impl Store {
    /// Says that an object is to be read at once, because somebody waits for it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn ask_for(
        &self,
        scope: &Scope,
        subject: &Subject,
    ) -> Result<Ticket, StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_ask_for(scope, subject).await {
                Ok(ticket) => return Ok(ticket),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_ask_for(&self, scope: &Scope, subject: &Subject) -> Result<Ticket, Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        // From here to the commit nobody claims it, and no claim ends.
        due::notice_at_once(&mut conn, scope, subject).await?;
        let sql = conn.sql(format!("SELECT ended, token FROM {TABLE} {OF_KEY}"));
        let columns = [CellType::Integer, CellType::Integer];
        let rows = conn.fetch(sql, &key(scope, subject), &columns).await?;
        let row = rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
        let mut row = Taken::new(row);
        let ticket = Ticket {
            ended: row.integer(),
            token: row.integer(),
        };
        transaction.commit().await?;
        Ok(ticket)
    }

    /// How an object that was asked for stands by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn asked_for(
        &self,
        scope: &Scope,
        subject: &Subject,
        ticket: Ticket,
    ) -> Result<Standing, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let standing = self.try_asked_for(scope, subject, ticket).await;
        standing.map_err(|fault| tries.give_up(fault))
    }

    async fn try_asked_for(
        &self,
        scope: &Scope,
        subject: &Subject,
        ticket: Ticket,
    ) -> Result<Standing, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT notices, attempts, ended, given_up FROM {TABLE} {OF_KEY}"
            ));
            let columns = [
                CellType::Integer,
                CellType::Integer,
                CellType::Integer,
                CellType::Boolean,
            ];
            let rows = conn.fetch(sql, &key(scope, subject), &columns).await?;
            let Some(row) = rows.into_iter().next() else {
                return Ok(Standing::Forgotten);
            };
            let mut row = Taken::new(row);
            let (notices, attempts, ended) = (row.integer(), row.integer(), row.integer());
            Ok(match row.boolean() {
                given_up if notices == 0 || ticket.is_covered_by(ended) => match given_up {
                    true => Standing::GivenUp,
                    false => Standing::Read,
                },
                _ if attempts > 0 => Standing::Failing,
                _ => Standing::Waiting,
            })
        })
    }
}

impl Ticket {
    /// Whether the claim that ended last began after the object was asked for. One claim at a time has an object, so
    /// before that moment there are none but the last one, and the last one that ended.
    fn is_covered_by(self, ended: i64) -> bool {
        ended != 0 && ended != self.ended && ended != self.token
    }
}
