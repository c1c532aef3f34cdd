//! The verification that says how a table is: the newest one that compared everything, unless a later one found something.

use crate::model::Model;
use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, OF_KEY, Scope, Store, StoreError, query};

/// A verification that ended.
#[derive(Debug, Clone)]
pub(crate) struct DecisiveVerification {
    pub(crate) token: i64,
    /// What was compared, as a word.
    pub(crate) kind: String,
    pub(crate) is_equal: bool,
    /// In milliseconds.
    pub(crate) ended_at: i64,
}

/// The words for kinds of verifications.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KindWords<'w> {
    /// Everything was compared.
    pub(crate) full: &'w str,
    /// Rows were compared that were taken at random: a later one may have looked elsewhere.
    pub(crate) random: &'w str,
}

impl Store {
    /// Returns the verification that says how a table is; `None` if none does. What one found that did not compare everything
    /// is over when a later one of its kind found nothing, unless that looked elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn decisive_verification(
        &self,
        model: &'static Model,
        scope: &Scope,
        words: KindWords<'_>,
    ) -> Result<Option<DecisiveVerification>, StoreError> {
        let table = &self.place(model).name;
        let key = scope_binds(table, scope);
        let newest = |condition: &str| {
            format!(
                "SELECT token, kind, is_equal, ended_at FROM $verifications {OF_KEY} AND ended_at IS NOT NULL \
                 AND {condition} ORDER BY token DESC LIMIT 1"
            )
        };
        let decides = newest("(kind = ? OR NOT is_equal)");
        let of_kind = newest("kind = ?");
        let ended = |row: (i64, String, Option<bool>, Option<i64>)| DecisiveVerification {
            token: row.0,
            kind: row.1,
            is_equal: row.2.unwrap_or_default(),
            ended_at: row.3.unwrap_or_default(),
        };
        query!(self, table, async |conn| {
            let word = [&key[..], &[Bind::text(words.full)]].concat();
            let Some(row) = conn.row(&decides, &word).await? else {
                return Ok(None);
            };
            let found = ended(row);
            if found.is_equal || [words.full, words.random].contains(&&*found.kind) {
                return Ok(Some(found));
            }
            let word = [&key[..], &[Bind::text(&found.kind)]].concat();
            let last = conn.row(&of_kind, &word).await?;
            Ok(Some(last.map_or(found.clone(), ended)))
        })
    }
}
