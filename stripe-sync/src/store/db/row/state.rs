//! States that the bookkeeping stores as numbers.

use crate::store::db::StoreError;

/// Returns the state with a number; the states of a column are numbered from 0, in the order of `all`.
///
/// # Errors
/// When there is none: a newer program wrote it.
pub(crate) fn by_number<T: Copy>(
    all: &[T],
    (table, column): (&'static str, &'static str),
    value: i64,
) -> Result<T, StoreError> {
    let found = usize::try_from(value).ok().and_then(|place| all.get(place));
    found.copied().ok_or(StoreError::UnknownState {
        table,
        column,
        value,
    })
}
