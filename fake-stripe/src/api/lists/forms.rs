//! The form of a filter's parameter: hashes, bounds and arrays have brackets, and Stripe refuses what has others.

use stripe_sync_schema::catalogue::{BOUNDS, Filter, FilterForm, List};
use stripe_sync_schema::fields::{self, Kind};

use crate::api::errors::ApiError;
use crate::api::values::boolean;
use crate::data::currency;
use crate::data::index::ResourceIndex;

/// Whether a parameter is the filter in one of the forms in which Stripe takes it.
pub(crate) fn takes(filter: &Filter, key: &str) -> bool {
    let bounds = BOUNDS.into_iter().map(Some);
    let bounds = bounds.filter(|_| filter.form == FilterForm::Range);
    bounds.chain([None]).any(|bound| filter.param(bound) == key)
}

/// Refuses a value that the member of a filter's name cannot have.
pub(crate) fn check_value(
    key: &str,
    value: &str,
    indexes: &[&'static ResourceIndex],
) -> Result<(), ApiError> {
    let mut fields = indexes
        .iter()
        .flat_map(|index| fields::children(index.object, &[]));
    match fields
        .find(|field| field.name == key)
        .map(|field| field.kind)
    {
        Some(Kind::Boolean) => boolean(key, value).map(drop),
        Some(Kind::Currency) if !currency::is_known(&value.to_lowercase()) => {
            let message = format!("Invalid currency: {}", value.to_lowercase());
            Err(ApiError::invalid(None, key, message))
        }
        _ => Ok(()),
    }
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
