//! Calls that are not cut off in the middle.

use std::future::{Future, pending};

use super::Store;

impl Store {
    /// Makes calls of the store, and ends them also when the caller's future is dropped.
    ///
    /// A connection whose query is dropped halfway is not always fit for the next one: sqlx counts the transactions of a
    /// MySQL connection only after the server has answered, and so gives back to the pool one whose transaction nobody
    /// ends, with all its locks; or it waits for an answer that never comes. A task of its own is not dropped, and a
    /// transaction that has begun is committed or rolled back.
    pub(crate) async fn uncut<T, F>(&self, calls: impl FnOnce(Self) -> F) -> T
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        match tokio::spawn(calls(self.clone())).await {
            Ok(value) => value,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and the caller with it.
                Err(_) => pending().await,
            },
        }
    }
}
