//! Objects beside their rows: what of a row, and of those of its children, is not as Stripe has it.

mod children;

use std::collections::HashMap;

use futures_util::future::BoxFuture;

use crate::cell::Cell;
use crate::model::{Model, content};
use crate::store::db::StoreError;
use crate::store::rows::sets::Set;
use crate::store::rows::stored::Stored;
use crate::store::rows::{Failure, KeyedRow};
use crate::sync::object::{Mapped, ModelRun};
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::report::DriftKind;

pub(super) use children::ComparedChildren;

/// What one object and its row are to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Own {
    /// The row is as Stripe has the object.
    Equal,
    /// The row has other values in these columns.
    Differing(Vec<String>),
    /// There is no row.
    Missing,
    /// A `sync` hook may have chosen that it is so.
    NotComparable,
    /// There is a row, and no object.
    Extra,
    /// There is neither.
    Nothing,
    /// The object is outside the filter, and there is no row.
    Outside,
    /// The object does not map, or its row is known to have failed.
    Failed(Failure),
}

/// An object with the elements of its lists, beside their rows.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) own: Own,
    pub(super) children: Vec<ComparedChildren>,
}

impl Compared {
    fn alone(own: Own) -> Self {
        Self {
            own,
            children: Vec::new(),
        }
    }

    /// Whether nothing is wrong with the rows.
    pub(super) fn is_settled(&self) -> bool {
        let is_wrong = matches!(self.own, Own::Differing(_) | Own::Missing | Own::Extra);
        !is_wrong && self.children.iter().all(|rows| rows.drifts.is_empty())
    }

    /// Whether Stripe does not know the object, or it is outside the filter.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.own, Own::Extra | Own::Nothing | Own::Outside)
    }

    /// Whether Stripe does not know what the tables have: the object's row, or rows of its children without it.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.own, Own::Extra | Own::Nothing)
    }

    fn add(&mut self, rows: ComparedChildren) {
        let known = &mut self.children;
        match known.iter_mut().find(|known| known.model.is(rows.model)) {
            Some(known) => {
                known.equal += rows.equal;
                known.not_comparable += rows.not_comparable;
                known.failures.extend(rows.failures);
                known.drifts.extend(rows.drifts);
            }
            None => known.push(rows),
        }
    }
}

/// Compares what was read with the tables.
pub(super) struct Comparer<'r> {
    pub(super) run: &'r ModelRun<'r>,
    pub(super) options: &'r VerifyOptions,
}

impl Comparer<'_> {
    /// Compares objects that have rows, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn rows(&self, rows: &[&KeyedRow]) -> Result<Vec<Compared>, StoreError> {
        let ids: Vec<&str> = rows.iter().map(|row| &*row.id).collect();
        let (store, model) = (self.run.store(), self.run.model);
        let stored = store.whole_rows(model, &self.run.scope, &ids).await?;
        let own = rows
            .iter()
            .map(|row| self.own(model, row, stored.get(&row.id)));
        let mut compared: Vec<Compared> = own.map(Compared::alone).collect();
        if !self.options.quick {
            self.children(model, rows, &mut compared).await?;
        }
        Ok(compared)
    }

    /// Compares what one read of an object said.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn one(&self, id: &str, mapped: &Mapped) -> Result<Compared, StoreError> {
        let own = match mapped {
            Mapped::Row(row) => {
                let compared = self.rows(&[row]).await?;
                return Ok(compared
                    .into_iter()
                    .next()
                    .unwrap_or(Compared::alone(Own::Missing)));
            }
            Mapped::Failed(failure) | Mapped::OtherMode(failure) => {
                return Ok(Compared::alone(Own::Failed(failure.clone())));
            }
            Mapped::Outside(_) => Own::Outside,
            Mapped::Deleted(_) | Mapped::Other(_) => Own::Nothing,
        };
        let (store, model) = (self.run.store(), self.run.model);
        let stored = store.whole_rows(model, &self.run.scope, &[id]).await?;
        let is_there = stored.get(id).is_some_and(|row| !row.deleted);
        let mut compared = Compared::alone(if is_there { Own::Extra } else { own });
        if !self.options.quick {
            self.nothing_below(model, id, &mut compared).await?;
        }
        Ok(compared)
    }

    /// What a row and an object with a row are to each other.
    fn own(&self, model: &'static Model, row: &KeyedRow, stored: Option<&Stored>) -> Own {
        let is_hooked = model.parts.sync.is_some();
        let Some(stored) = stored.filter(|stored| !stored.deleted) else {
            return match is_hooked {
                true => Own::NotComparable,
                false => Own::Missing,
            };
        };
        if self.options.quick {
            return Own::Equal;
        }
        let columns = self.differing(model, row, stored);
        if columns.is_empty() {
            return Own::Equal;
        }
        // An older state, as a sync wrote it: the hook may have left it so.
        let is_as_written = is_hooked
            && stored.hash.is_some_and(|hash| {
                let cells = written(model, stored);
                hash == content::hash(&cells, model.parts.fingerprint)
            });
        match is_as_written {
            true => Own::NotComparable,
            false => Own::Differing(columns),
        }
    }

    /// The columns in which a row has other values than the object says. What the object does not have says nothing.
    fn differing(&self, model: &'static Model, row: &KeyedRow, stored: &Stored) -> Vec<String> {
        let cells = written(model, stored);
        let columns = model.written().zip(row.row.cells.iter().zip(&cells));
        let columns = columns
            .enumerate()
            .filter(|(place, (column, (said, has)))| {
                !row.row.absent.contains(place)
                    && self.options.blind_in != Some(column.name)
                    && !content::is_same(said, has)
            });
        columns
            .map(|(_, (column, _))| column.name.to_owned())
            .collect()
    }

    /// Compares the elements of objects' lists with their rows. What has no row itself has no children.
    fn children<'a>(
        &'a self,
        model: &'static Model,
        rows: &'a [&'a KeyedRow],
        compared: &'a mut [Compared],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        // On the heap, because lists may stand in lists.
        Box::pin(async move {
            for (list, (_, child)) in model.children().enumerate() {
                let mut sets = Vec::new();
                for (place, row) in rows.iter().enumerate() {
                    let has_row = matches!(compared[place].own, Own::Equal | Own::Differing(_));
                    let set = row.sets.iter().find(|set| set.list == list);
                    sets.extend(set.filter(|_| has_row).map(|set| (place, &*row.id, set)));
                }
                if !sets.is_empty() {
                    self.sets(child, &sets, compared).await?;
                }
            }
            Ok(())
        })
    }

    /// Compares the elements of one list of some objects: their places, ids and elements.
    async fn sets(
        &self,
        child: &'static Model,
        sets: &[(usize, &str, &Set)],
        compared: &mut [Compared],
    ) -> Result<(), StoreError> {
        let (store, scope) = (self.run.store(), &self.run.scope);
        let parents: Vec<&str> = sets.iter().map(|(_, parent, _)| *parent).collect();
        let mut stored = HashMap::<String, HashMap<String, Stored>>::new();
        for row in store.whole_rows_below(child, scope, &parents).await? {
            let of_parent = stored.entry(row.parent).or_default();
            of_parent.insert(row.id, row.row);
        }
        let below = |parent: &str, id: &str| stored.get(parent)?.get(id);
        let members = sets.iter().flat_map(|(_, parent, set)| {
            let rows = set.rows.iter();
            rows.map(move |row| (*parent, row))
        });
        let members: Vec<(&str, &KeyedRow)> = members.collect();
        // A row may name another parent.
        let elsewhere = members
            .iter()
            .filter(|(parent, row)| !child.is_of_elements() && below(parent, &row.id).is_none());
        let elsewhere: Vec<&str> = elsewhere.map(|(_, row)| &*row.id).collect();
        let elsewhere = match elsewhere.is_empty() {
            true => HashMap::new(),
            false => store.whole_rows(child, scope, &elsewhere).await?,
        };
        let own = members.iter().map(|(parent, row)| {
            let stored = below(parent, &row.id).or_else(|| elsewhere.get(&row.id));
            Compared::alone(self.own(child, row, stored))
        });
        let mut own: Vec<Compared> = own.collect();
        let rows: Vec<&KeyedRow> = members.iter().map(|(_, row)| *row).collect();
        self.children(child, &rows, &mut own).await?;
        let mut own = own.into_iter();
        for (place, parent, set) in sets {
            let mut all = ComparedChildren::new(child);
            for (row, member) in set.rows.iter().zip(own.by_ref().take(set.rows.len())) {
                all.take(parent, &row.id, member.own);
                for rows in member.children {
                    compared[*place].add(rows);
                }
            }
            all.failures.extend(set.failures.iter().cloned());
            let is_there = |id: &str| {
                set.is_partial
                    || set.kept.iter().any(|kept| kept == id)
                    || set.rows.iter().any(|row| row.id == id)
            };
            for (id, row) in stored.get(*parent).into_iter().flatten() {
                if !row.deleted && !is_there(id) {
                    all.drift(parent, id, DriftKind::Extra, Vec::new());
                }
            }
            compared[*place].add(all);
        }
        Ok(())
    }

    /// The rows of children of an object that is not there: all of them are too many.
    fn nothing_below<'a>(
        &'a self,
        model: &'static Model,
        parent: &'a str,
        compared: &'a mut Compared,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for (_, child) in model.children() {
                let (store, scope) = (self.run.store(), &self.run.scope);
                let stored = store.whole_rows_below(child, scope, &[parent]).await?;
                let mut own = ComparedChildren::new(child);
                for row in stored.iter().filter(|row| !row.row.deleted) {
                    own.drift(parent, &row.id, DriftKind::Extra, Vec::new());
                    if !child.is_of_elements() {
                        self.nothing_below(child, &row.id, compared).await?;
                    }
                }
                if !own.drifts.is_empty() {
                    compared.add(own);
                }
            }
            Ok(())
        })
    }
}

/// The cells of a row that a sync writes, in the order of a mapped row.
pub(super) fn written(model: &'static Model, stored: &Stored) -> Vec<Cell<'static>> {
    let cells = stored.cells.iter().flatten();
    let columns = model.columns().iter().zip(cells);
    let written = columns.filter(|(column, _)| column.role.is_written());
    written.map(|(_, cell)| cell.clone()).collect()
}
