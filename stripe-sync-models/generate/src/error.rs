//! What keeps the files from being written.

use std::path::PathBuf;

/// A mistake in the files of `data`, or a file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    #[error("{path}: {source}", path = .path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("resources.toml: {0}")]
    Choices(#[from] toml::de::Error),
    #[error("{model}: {what}")]
    Model { model: String, what: String },
    #[error("words: {0}")]
    Words(String),
    #[error("sync_engine.txt: {0}")]
    SyncEngine(String),
    #[error("rustfmt failed: {0}")]
    Format(String),
    #[error("{0}")]
    Catalogue(String),
}

impl GenerateError {
    pub(crate) fn model(model: &str, what: impl Into<String>) -> Self {
        Self::Model {
            model: model.to_owned(),
            what: what.into(),
        }
    }
}
