//! What the event list refuses to be asked, beyond what all lists refuse.

use crate::testing::errors::ApiError;
use crate::testing::query::Params;

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
        None | Some("true" | "false") => Ok(()),
        Some(other) => Err(ApiError::invalid(
            None,
            "delivery_success",
            format!("Invalid boolean: {other}"),
        )),
    }
}
