//! The values of parameters.

use crate::api::errors::ApiError;

/// An integer parameter.
pub(crate) fn integer(param: &str, value: &str) -> Result<i64, ApiError> {
    value.parse().map_err(|_| {
        ApiError::invalid(
            Some("parameter_invalid_integer"),
            param,
            format!("Invalid integer: {value}"),
        )
    })
}

/// A parameter that is `true` or `false`.
pub(crate) fn boolean(param: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ApiError::invalid(
            None,
            param,
            format!("Invalid boolean: {value}"),
        )),
    }
}
