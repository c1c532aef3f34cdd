//! What a real table is like, as far as its writes need to know: asked once, and again when that may have changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::calls::lock;
use crate::cell::Cell;
use crate::model::{Column, Model};
use crate::store::db::column::wanted;
use crate::store::db::{
    Attribution, Conn, DatabaseKind, Fit, FoundColumn, Limit, Place, Store, StoreError,
    TableContext, TxError, catalog, query,
};

/// Bytes of a statement of one row besides its values: its bookkeeping, and the types and lengths of its values.
const BESIDE_CELLS: usize = 64 << 10;

/// What a table is like.
#[derive(Debug)]
#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "each database needs to know other ones")
)]
pub(crate) struct Facts {
    /// Whether it takes the quickest write of its database: COPY on PostgreSQL, and on MySQL ON DUPLICATE KEY, which a
    /// unique key besides the model's forbids.
    pub(crate) quick: bool,
    /// Whether it is one of PostgreSQL's partitioned tables.
    pub(crate) partitioned: bool,
    /// The written columns, and what their values have to be.
    columns: Vec<(&'static str, Vec<Limit>)>,
    /// The most bytes of one statement, on MySQL.
    pub(crate) packet: Option<usize>,
    /// Whether moments in it depend on the session's time zone unless that is UTC: MySQL's TIMESTAMP.
    pub(crate) zoned: bool,
}

/// What is known of tables, by table and fingerprint of the model.
pub(crate) type KnownFacts = Mutex<HashMap<(String, u64), Arc<Facts>>>;

impl Facts {
    /// Returns the first column whose value would not come back as it is, and what was expected of it; or the largest one,
    /// if the server takes no statement that is as large.
    pub(crate) fn refusal(&self, cells: &[Cell<'_>]) -> Option<Attribution> {
        let columns = || self.columns.iter().zip(cells);
        let bytes = || -> usize { cells.iter().map(Cell::bytes).sum() };
        let too_small = |packet: &usize| bytes() + BESIDE_CELLS > *packet;
        if let Some(packet) = self.packet.filter(too_small) {
            let bytes = bytes();
            let reason = format!(
                "the row has {bytes} bytes, and the server takes statements of {packet} (max_allowed_packet)"
            );
            let largest = columns().max_by_key(|(_, cell)| cell.bytes());
            let column = largest.map(|((name, _), _)| (*name).to_owned());
            return Some(Attribution { column, reason });
        }
        columns().find_map(|((name, limits), cell)| {
            let reason = limits.iter().find_map(|limit| limit.refusal(cell))?;
            let column = Some((*name).to_owned());
            Some(Attribution { column, reason })
        })
    }

    fn new(database: DatabaseKind, model: &'static Model, found: &[FoundColumn]) -> Self {
        let driver = database.driver();
        let columns = wanted::columns(model, driver);
        let limits = |column: &Column| {
            let wanted = columns.iter().find(|wanted| wanted.name == column.name)?;
            let found = catalog::column_of(database, column.name, found)?;
            let mut fit = wanted::fit(driver, wanted, found);
            if wanted.in_key && driver.ignores_spaces(found) {
                fit = fit.and([Limit::NoSpaceAtEnd]);
            }
            match fit {
                Fit::Within(limits) => Some(limits),
                Fit::Exact | Fit::No => None,
            }
        };
        let columns = model
            .written()
            .map(|column| (column.name, limits(column).unwrap_or_default()));
        Self {
            quick: false,
            partitioned: false,
            columns: columns.collect(),
            packet: None,
            zoned: false,
        }
    }
}

impl Store {
    /// Returns what the table is like.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn facts(&self, target: &TableContext<'_>) -> Result<Arc<Facts>, StoreError> {
        match self.known_facts(target) {
            Some(facts) => Ok(facts),
            None => self.look(target).await,
        }
    }

    /// The same, and asks the database in any case.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look(&self, target: &TableContext<'_>) -> Result<Arc<Facts>, StoreError> {
        query!(self, target.table(), async |conn| {
            self.look_with(conn, target).await
        })
    }

    /// The same on a connection that is in the middle of something.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_with(
        &self,
        conn: &mut Conn<'_>,
        target: &TableContext<'_>,
    ) -> Result<Arc<Facts>, TxError> {
        let found = catalog::examined(conn, &target.place, target.model).await?;
        let mut facts = Facts::new(target.kind, target.model, &found);
        let driver = target.kind.driver();
        driver.look(conn, target, &found, &mut facts).await?;
        let facts = Arc::new(facts);
        let key = key(&target.place, target.model);
        lock(&self.known.facts).insert(key, Arc::clone(&facts));
        Ok(facts)
    }

    /// Returns what the table is like, if that is known.
    pub(crate) fn known_facts(&self, target: &TableContext<'_>) -> Option<Arc<Facts>> {
        let known = lock(&self.known.facts);
        known.get(&key(&target.place, target.model)).map(Arc::clone)
    }

    /// Forgets what a table is like.
    pub(crate) fn forget_facts(&self, place: &Place) {
        lock(&self.known.facts).retain(|(table, _), _| *table != place.name);
    }
}

fn key(place: &Place, model: &Model) -> (String, u64) {
    (place.name.clone(), model.parts.fingerprint)
}
