//! Calling a hook by its path, whether it is a plain or an `async` function.
//!
//! Generated code wraps what the call returned: `Called(hook(..)).finish("name").await`. A `Result` and `()` find the
//! inherent methods, a future finds the trait's, because inherent methods come first.

use std::error::Error;
use std::future::{Future, Ready, ready};

use crate::model::hooks::HookError;

/// What a hook returned: a result, nothing, or a future of one of them.
#[derive(Debug)]
pub struct Called<T>(pub T);

/// What a `sync` hook returned: a result, or a future of one.
#[derive(Debug)]
pub struct Synced<T>(T);

/// Calls a `sync` hook. A hook with other parameters, of another database for one, is an error at its path: a plain call would
/// have it at an argument, or offer to take the path away.
pub fn synced<F, A, B, R>(hook: F, object: A, context: B) -> Synced<R>
where
    F: FnOnce(A, B) -> R,
{
    Synced(hook(object, context))
}

type BoxedError = Box<dyn Error + Send + Sync>;

fn named<T, E: Into<BoxedError>>(hook: &'static str, result: Result<T, E>) -> Result<T, HookError> {
    result.map_err(|error| HookError::new(hook, error))
}

impl<T, E: Into<BoxedError>> Called<Result<T, E>> {
    /// The result of a plain function.
    pub fn finish(self, hook: &'static str) -> Ready<Result<T, HookError>> {
        ready(named(hook, self.0))
    }
}

impl Called<()> {
    /// The end of a plain function that cannot fail.
    pub fn finish(self, _: &'static str) -> Ready<Result<(), HookError>> {
        ready(Ok(()))
    }
}

// The only inherent method, so that a hook that cannot be called leaves no choice between two.
impl<T, E: Into<BoxedError>> Synced<Result<T, E>> {
    /// The result of a plain function.
    pub fn finish(self, hook: &'static str) -> Ready<Result<T, HookError>> {
        ready(named(hook, self.0))
    }
}

/// What a future gives: a result, or nothing.
pub trait Finished {
    /// The value on success.
    type Value;
    /// The result with the hook's name on its error.
    ///
    /// # Errors
    /// As the hook's own.
    fn named(self, hook: &'static str) -> Result<Self::Value, HookError>;
}

impl<T, E: Into<BoxedError>> Finished for Result<T, E> {
    type Value = T;
    fn named(self, hook: &'static str) -> Result<T, HookError> {
        named(hook, self)
    }
}

impl Finished for () {
    type Value = ();
    fn named(self, _: &'static str) -> Result<(), HookError> {
        Ok(())
    }
}

/// The call of an `async` function.
pub trait Pending {
    /// The value on success.
    type Value;
    /// Waits for the hook.
    fn finish(self, hook: &'static str) -> impl Future<Output = Result<Self::Value, HookError>>;
}

impl<F> Pending for Called<F>
where
    F: Future,
    F::Output: Finished,
{
    type Value = <F::Output as Finished>::Value;

    async fn finish(self, hook: &'static str) -> Result<Self::Value, HookError> {
        self.0.await.named(hook)
    }
}

impl<F> Pending for Synced<F>
where
    F: Future,
    F::Output: Finished,
{
    type Value = <F::Output as Finished>::Value;

    async fn finish(self, hook: &'static str) -> Result<Self::Value, HookError> {
        self.0.await.named(hook)
    }
}

/// What a hook may return. Nothing has it: it exists for its message.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "this returns `{Self}`",
    note = "a hook returns `Result<_, E>`, where `E` is an error that `Box<dyn Error + Send + Sync>` takes, or a future of that",
    note = "`pre_set_default`, `post_set_default` and `after_commit` may also return nothing"
)]
pub trait HookResult {}

/// The call of a function that returns neither a result nor a future of one: found last, and always an error.
pub trait Unfit<T> {
    /// Never called.
    fn finish<V>(self, hook: &'static str) -> Ready<Result<V, HookError>>
    where
        T: HookResult;
}

impl<T> Unfit<T> for &Called<T> {
    fn finish<V>(self, hook: &'static str) -> Ready<Result<V, HookError>>
    where
        T: HookResult,
    {
        ready(Err(HookError::new(hook, "not a hook")))
    }
}

impl<T> Unfit<T> for &Synced<T> {
    fn finish<V>(self, hook: &'static str) -> Ready<Result<V, HookError>>
    where
        T: HookResult,
    {
        ready(Err(HookError::new(hook, "not a hook")))
    }
}
