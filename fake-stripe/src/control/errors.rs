//! Why a call of the control API was refused.

use std::io;

use crate::error::FakeError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("there is no {path}; GET /_fake lists what there is")]
    NoSuchPath { path: String },
    #[error("{path} takes {allowed}, got {method}")]
    WrongMethod {
        method: String,
        path: String,
        allowed: String,
    },
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// A parameter or a member of the body is wrong.
    #[error("{0}")]
    Wrong(String),
    #[error(transparent)]
    Fake(#[from] FakeError),
    /// The client broke the request off.
    #[error(transparent)]
    Broken(io::Error),
}

impl ControlError {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::NoSuchPath { .. } => 404,
            Self::WrongMethod { .. } => 405,
            Self::Fake(error) => match error {
                FakeError::NoSuchId { .. }
                | FakeError::UnknownObject { .. }
                | FakeError::UnknownAccount { .. } => 404,
                FakeError::IdTaken { .. } => 409,
                FakeError::Client(_) => 500,
                _ => 400,
            },
            Self::NotJson(_) | Self::Wrong(_) | Self::Broken(_) => 400,
        }
    }
}
