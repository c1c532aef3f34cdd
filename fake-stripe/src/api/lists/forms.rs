//! The form of a filter's parameter: hashes, bounds and arrays have brackets, and Stripe refuses what has others.

use stripe_sync_schema::catalogue::{BOUNDS, Filter, FilterForm, List};

use crate::api::errors::ApiError;

/// Whether a parameter is the filter in one of the forms in which Stripe takes it.
pub(crate) fn takes(filter: &Filter, key: &str) -> bool {
    let bounds = BOUNDS.into_iter().map(Some);
    let bounds = bounds.filter(|_| filter.form == FilterForm::Range);
    bounds.chain([None]).any(|bound| filter.param(bound) == key)
}

/// The refusal of a parameter that is no filter of the list in the form in which it was sent.
pub(crate) fn refused(list: &List, key: &str, name: &str) -> ApiError {
    let mut known = list.filters.iter().filter(|filter| filter.base() == name);
    let known = known.next();
    match known {
        Some(filter) if filter.name != name && key == name => {
            ApiError::invalid(None, key, "Invalid object".to_owned())
        }
        Some(filter) if filter.form == FilterForm::Array && key == name => {
            ApiError::invalid(None, key, "Invalid array".to_owned())
        }
        Some(filter) if filter.name == name && key != name => {
            ApiError::invalid(None, key, "Invalid string: {...}".to_owned())
        }
        _ => {
            let message = format!("Received unknown parameter: {key}");
            ApiError::invalid(Some("parameter_unknown"), key, message)
        }
    }
}
