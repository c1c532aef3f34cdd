//! Deletions: what Stripe no longer has.

use chrono::Utc;

use super::batch::Span;
use super::binding::{Hold, hold_to_write, mark_tombstones};
use super::bookkeeping::InTheWay;
use super::db::bind::Bind;
use super::db::connection::Conn;
use super::db::door::transaction;
use super::db::error::StoreError;
use super::db::retry::TxError;
use super::stored::{self, Wanted};
use super::target::Target;
use super::walk::WalkLease;
use super::{Scope, Store, left, remarks, time};
use crate::freshness::{Decision, ReadBy};
use crate::hooks::ChangedCells;
use crate::model::{Model, OnDelete, Role};

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The row was marked or removed.
    Deleted,
    /// The row was marked or removed because its object is outside the filter.
    Left,
    /// The row was marked before.
    AlreadyDeleted,
    /// There is no row, and an older read makes none: of what is deleted a tombstone says so, of what is outside the filter
    /// the table's lock.
    Unknown,
    /// A newer read was faster, or may have been: the object is to be read again. Nothing was written.
    ReadAgain,
}

/// What became of some deletions.
#[derive(Debug, Default)]
pub(crate) struct DeletionReport {
    /// One entry for each id.
    pub(crate) rows: Vec<(String, Deletion)>,
    /// The changes of a model with an `after_commit` hook.
    pub(crate) changes: Vec<(String, ChangedCells)>,
}

/// Why rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Stripe has the objects no more.
    Deleted,
    /// Stripe has the objects, and they are outside the filter.
    Left,
}

/// How a deletion was noticed.
#[derive(Debug, Clone, Copy)]
struct Notice<'a> {
    gone: Gone,
    by: ReadBy,
    span: Span,
    lease: Option<&'a WalkLease>,
    #[cfg(feature = "live")]
    following: Option<super::Following<'a>>,
}

impl Store {
    /// Records that objects do not exist at Stripe, as reads of each by its id said.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(crate) async fn delete(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
        span: Span,
        lease: Option<&WalkLease>,
    ) -> Result<DeletionReport, StoreError> {
        let notice = Notice {
            gone: Gone::Deleted,
            by: ReadBy::Id,
            span,
            lease,
            #[cfg(feature = "live")]
            following: None,
        };
        self.delete_noticed(model, scope, ids, notice).await
    }

    /// Records that objects are outside the filter, as reads of each by its id said, or the pages of a walk, which are read
    /// with a lease.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(crate) async fn leave(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
        span: Span,
        lease: Option<&WalkLease>,
    ) -> Result<DeletionReport, StoreError> {
        let notice = Notice {
            gone: Gone::Left,
            by: lease.map_or(ReadBy::Id, |_| ReadBy::List),
            span,
            lease,
            #[cfg(feature = "live")]
            following: None,
        };
        self.delete_noticed(model, scope, ids, notice).await
    }

    /// Records that objects do not exist at Stripe, or are outside the filter, as reads said that followed from events.
    ///
    /// # Errors
    /// As [`delete`](Self::delete), and when the claim was lost or a handler fails.
    #[cfg(feature = "live")]
    pub(crate) async fn delete_following(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
        (gone, span): (Gone, Span),
        following: super::Following<'_>,
    ) -> Result<DeletionReport, StoreError> {
        let notice = Notice {
            gone,
            by: ReadBy::Id,
            span,
            lease: None,
            following: Some(following),
        };
        self.delete_noticed(model, scope, ids, notice).await
    }

    async fn delete_noticed(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
        notice: Notice<'_>,
    ) -> Result<DeletionReport, StoreError> {
        self.prepare().await?;
        let target = self.target(model, scope)?;
        // PostgreSQL refuses a text with NUL, and no object has such an id. Where spaces at the end of a text do not count,
        // one more would be another object's row.
        let mut ids: Vec<&str> = ids
            .iter()
            .map(String::as_str)
            .filter(|id| !id.is_empty() && !id.contains('\0') && !id.ends_with(' '))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(DeletionReport::default());
        }
        let facts = self.facts(&target).await?;
        let report = loop {
            let finish = self.finish_before(notice.span).await?;
            let done = transaction!(self, target.table(), async |conn| {
                if facts.zoned {
                    conn.utc().await?;
                }
                complete(conn, &target, &ids, notice, finish).await
            });
            match done {
                Err(StoreError::ClockBehind { token, .. }) => {
                    self.raise_clock(target.table(), token).await?;
                }
                done => break done?,
            }
        };
        self.set_known_owner(&target);
        Ok(report)
    }
}

async fn complete(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
    notice: Notice<'_>,
    finish: Option<i64>,
) -> Result<DeletionReport, TxError> {
    #[cfg(feature = "live")]
    if let Some(following) = &notice.following {
        following.check(conn).await?;
    }
    #[cfg_attr(not(feature = "live"), allow(unused_mut))]
    let mut report = write(conn, target, ids, notice, finish).await?;
    #[cfg(feature = "live")]
    if let Some(following) = &notice.following
        && !report.rows.iter().any(|row| row.1 == Deletion::ReadAgain)
    {
        let changes = std::mem::take(&mut report.changes);
        for id in ids {
            super::live::forget_date(conn, target, id).await?;
        }
        let changed = report.rows.iter().find_map(|(id, deletion)| {
            Some((id.as_str(), super::ChangeKind::of_deletion(*deletion)?))
        });
        following
            .complete(conn, target.table(), changes, changed, None)
            .await?;
    }
    Ok(report)
}

async fn write(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
    ids: &[&str],
    notice: Notice<'_>,
    finish: Option<i64>,
) -> Result<DeletionReport, TxError> {
    // Alone: a row that is being inserted would not be seen, and the insert would not see the tombstone.
    let mut held = hold_to_write(conn, target, Hold::Alone, notice.lease).await?;
    held.finish = held.finish.or(finish);
    let wanted = match target.keeps_changes() {
        true => Wanted::all(target.model),
        false => Wanted::none(target.model),
    };
    let mut found = stored::read(conn, target, ids, true, &wanted).await?;
    let mut report = DeletionReport::default();
    let (goes, changed): (Deletion, fn(_) -> ChangedCells) = match notice.gone {
        Gone::Deleted => (Deletion::Deleted, ChangedCells::Deleted),
        Gone::Left => (Deletion::Left, ChangedCells::LeftFilter),
    };
    let (mut deleted, mut raised, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let mut in_the_way = InTheWay::default();
    for &id in ids {
        let Some(row) = found.remove(id) else {
            missing.push(id);
            report.rows.push((id.to_owned(), Deletion::Unknown));
            continue;
        };
        let observed_at = Some(row.observed_at);
        let decision = target.decide(&held, observed_at, row.deleted, notice.span, notice.by);
        in_the_way.see(decision, row.observed_at, &held, notice.span);
        let deletion = match decision {
            Decision::Write => goes,
            Decision::Raise | Decision::Leave => Deletion::AlreadyDeleted,
            Decision::ReadAgain | Decision::RaiseAndReadAgain => Deletion::ReadAgain,
        };
        if deletion == goes {
            deleted.push(id);
            let before = row.cells.filter(|_| !row.deleted);
            let change = before.map(|before| (id.to_owned(), changed(before)));
            report.changes.extend(change);
        } else if decision != Decision::ReadAgain {
            raised.push(id);
        }
        report.rows.push((id.to_owned(), deletion));
    }
    in_the_way.check(conn, target).await?;
    if !target.guarded() {
        remove(conn, target, &deleted).await?;
        return Ok(report);
    }

    let finish = held.finish(conn).await?;
    if notice.gone == Gone::Left && !missing.is_empty() {
        // Of most of them there was never a row, and none of them has to be known by its id.
        left::mark(conn, target, &missing, finish).await?;
        missing.clear();
    }
    if held.tombstones {
        // A tombstone that is newer than this read already says so.
        let buried = remarks::tombstones(conn, target, &missing).await?;
        missing.retain(|id| buried.get(*id).is_none_or(|&token| token < finish));
    }
    if target.model.parts.on_delete == OnDelete::Hard {
        remove(conn, target, &deleted).await?;
        missing.append(&mut deleted);
    } else {
        let now = Utc::now();
        let deleted_at = target.model.role(Role::DeletedAt);
        let mut set = vec![
            time::bind(target.kind, deleted_at, now),
            Bind::integer(finish),
        ];
        set.extend(time::synced_at(target, now));
        let mark = target.statements.mark.pieces();
        target.execute(conn, mark, &set, &deleted, &[]).await?;
    }
    target.raise(conn, &raised, finish).await?;
    if !missing.is_empty() {
        remarks::write_tombstones(conn, target, &missing, finish).await?;
        if !held.tombstones {
            mark_tombstones(conn, target).await?;
        }
    }
    Ok(report)
}

async fn remove(conn: &mut Conn<'_>, target: &Target<'_>, ids: &[&str]) -> Result<(), TxError> {
    let remove = target.statements.remove.pieces();
    target.execute(conn, remove, &[], ids, &[]).await
}
