//! Models of one resource in one table have one filter: each would take the other's rows out.

use crate::model::Model;
use crate::store::{Store, describe_filter};

use super::SyncError;

/// Checks that no other model of the resource has another filter in the model's table.
///
/// # Errors
/// When one has.
pub(crate) fn agree(
    store: &Store,
    model: &'static Model,
    among: impl IntoIterator<Item = &'static Model>,
) -> Result<(), SyncError> {
    let (place, filter) = (store.place(model), model.filter());
    let other = among.into_iter().find(|other| {
        other.object() == model.object()
            && store.place(other).table() == place.table()
            && other.filter() != filter
    });
    match other {
        None => Ok(()),
        Some(other) => Err(SyncError::FiltersDiffer {
            table: place.name.clone(),
            model: model.name(),
            filter: describe_filter(&filter),
            other: other.name(),
            other_filter: describe_filter(&other.filter()),
        }),
    }
}

/// The same for all of some models.
///
/// # Errors
/// When two of them do not agree.
#[cfg(feature = "live")]
pub(crate) fn all_agree(store: &Store, models: &[&'static Model]) -> Result<(), SyncError> {
    let mut models_of = models.iter();
    models_of.try_for_each(|model| agree(store, model, models.iter().copied()))
}
