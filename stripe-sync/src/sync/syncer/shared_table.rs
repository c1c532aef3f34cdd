//! Models that share a table: those of one resource and one filter may, others would take each other's rows out.

use crate::model::Model;
use crate::model::table_name::TableName;
use crate::store::db::{DatabaseKind, Store};
use crate::store::tables::filter;

use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;

/// Checks that among some models none of another resource, or of another part of the resource, is in a model's table.
///
/// # Errors
/// When there is one: the two cannot share it.
pub(crate) fn check_shared(
    store: &Store,
    model: &'static Model,
    among: impl IntoIterator<Item = &'static Model>,
) -> Result<(), SyncError> {
    let (place, filter) = (store.place(model), model.filter());
    let other = among.into_iter().find(|other| {
        (other.object() != model.object() || other.filter() != filter)
            && is_one(store.kind(), &store.place(other).table, &place.table)
    });
    let Some(other) = other else { return Ok(()) };
    let table = place.name.clone();
    if model.object() != other.object() {
        return Err(SyncError::SharedTable {
            table,
            model: model.name(),
            object: model.object(),
            other: other.name(),
            other_object: other.object(),
        });
    }
    Err(SyncError::FiltersDiffer {
        table,
        model: model.name(),
        filter: filter::describe(&filter),
        other: other.name(),
        other_filter: filter::describe(&other.filter()),
    })
}

/// Whether two names are of one table, as far as the names say.
fn is_one(kind: DatabaseKind, one: &TableName, other: &TableName) -> bool {
    let _ = kind;
    #[cfg(feature = "sqlite")]
    if kind == DatabaseKind::Sqlite {
        let schema = |table: &TableName| table.schema().unwrap_or("main").to_ascii_lowercase();
        return schema(one) == schema(other) && one.name().eq_ignore_ascii_case(other.name());
    }
    one.is_at(other)
}

impl Syncer {
    /// Checks that a model is the only one of its table, or one of several of the same resource and filter: among the models of the
    /// syncer, among others, and as far as the bookkeeping knows the table. Makes nothing.
    ///
    /// # Errors
    /// When another resource has the table, or the database fails.
    pub(crate) async fn check_alone(&self, model: &'static Model) -> Result<(), SyncError> {
        self.check_registered(model)?;
        let store = self.store();
        if store.is_prepared().await? {
            store.check_resource(model).await?;
        }
        Ok(())
    }

    /// The same among the syncer's models alone, without a question to the database.
    ///
    /// # Errors
    /// When the model was derived for other databases, another model is in its place, or another resource or filter has the
    /// table.
    pub(crate) fn check_registered(&self, model: &'static Model) -> Result<(), SyncError> {
        self.store().check_derived(model)?;
        if let Some(by) = self.registry().stand_in(model) {
            return Err(SyncError::Replaced {
                model: model.name(),
                by: by.name(),
            });
        }
        check_shared(self.store(), model, self.registry().models())
    }
}
