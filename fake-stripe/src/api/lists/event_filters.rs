//! What the event list refuses to be asked, beyond what all lists refuse.

use crate::api::errors::ApiError;
use crate::api::values::boolean;
use crate::params::Params;

/// Types that `types[]` may name at once.
pub(crate) const MOST_TYPES: usize = 20;

/// Checks the filters of `GET /v1/events`.
pub(crate) fn check(params: &Params) -> Result<(), ApiError> {
    let types = params.all("types[]").count();
    if types > MOST_TYPES {
        let message = format!("Array types exceeded maximum {MOST_TYPES} allowed elements.");
        return Err(ApiError::invalid(None, "types", message));
    }
    if types > 0 && params.get("type").is_some() {
        let message = "You may only specify one of these parameters: type, types.";
        return Err(ApiError::invalid(
            Some("parameters_exclusive"),
            "types",
            message,
        ));
    }
    match params.get("delivery_success") {
        None => Ok(()),
        Some(value) => boolean("delivery_success", value).map(drop),
    }
}
