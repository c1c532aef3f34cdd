//! Calling a hook by its path, whether it is a plain or an `async` function.
//!
//! Generated code says `hook(path, first, context).call().finish("name").await`. The compiler looks for each method by value
//! first, where inherent methods come before those of traits, then by reference. `call`: a function that takes these arguments has
//! the inherent method, one that takes the first by a shared reference has that of [`Sharing`], every other one has that of
//! [`Uncallable`], which is an error. `finish`: a `Result` and `()` have the inherent methods, a future has that of [`Pending`],
//! and everything else has that of [`Unfit`].

use std::error::Error;
use std::future::{Future, Ready, ready};

use crate::model::hooks::HookError;

/// What a hook returned: a result, nothing, or a future of one of them.
#[derive(Debug)]
pub struct Called<T>(T);

/// What a `sync` hook returned: a result, or a future of one.
#[derive(Debug)]
pub struct Synced<T>(T);

/// A hook beside its arguments, before it is known whether it can be called.
#[derive(Debug)]
pub struct Hook<F, A, B>(F, A, B);

/// A hook and what it is called with.
pub fn hook<F, A, B>(hook: F, first: A, context: B) -> Hook<F, A, B> {
    Hook(hook, first, context)
}

impl<F, A, B, R> Hook<F, A, B>
where
    F: FnOnce(A, B) -> R,
{
    /// Calls the hook.
    pub fn call(self) -> Called<R> {
        Called((self.0)(self.1, self.2))
    }

    /// Calls the hook, which is a `sync` hook.
    pub fn sync(self) -> Synced<R> {
        Synced((self.0)(self.1, self.2))
    }
}

/// A hook that only looks at what it could change.
pub trait Sharing {
    /// What the hook returns.
    type Value;
    /// Calls the hook.
    fn call(self) -> Called<Self::Value>;
}

impl<'a, F, A, B, R> Sharing for Hook<F, &'a mut A, B>
where
    F: FnOnce(&'a A, B) -> R,
{
    type Value = R;

    fn call(self) -> Called<R> {
        Called((self.0)(self.1, self.2))
    }
}

/// What a hook's attribute may name. Nothing has it: it exists for its message.
#[diagnostic::on_unimplemented(
    message = "this hook is called with `{A}` and `{B}`, which the function does not take",
    label = "this is `{Self}`",
    note = "write `fn name(_: {A}, _: {B})`, plain or `async`; `sync` and `set_default` return a `Result`, the other hooks may"
)]
pub trait TakesArguments<A, B> {}

/// A function with other parameters: found last, and always an error.
pub trait Uncallable<F, A, B> {
    /// Never called.
    fn call<V>(self) -> Called<Result<V, HookError>>
    where
        F: TakesArguments<A, B>;
    /// Never called.
    fn sync<V>(self) -> Synced<Result<V, HookError>>
    where
        F: TakesArguments<A, B>;
}

impl<F, A, B> Uncallable<F, A, B> for &Hook<F, A, B> {
    fn call<V>(self) -> Called<Result<V, HookError>>
    where
        F: TakesArguments<A, B>,
    {
        Called(Err(HookError::new("hook", NOT_A_HOOK)))
    }

    fn sync<V>(self) -> Synced<Result<V, HookError>>
    where
        F: TakesArguments<A, B>,
    {
        Synced(Err(HookError::new("sync", NOT_A_HOOK)))
    }
}

const NOT_A_HOOK: &str = "not a hook";

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
        ready(Err(HookError::new(hook, NOT_A_HOOK)))
    }
}

impl<T> Unfit<T> for &Synced<T> {
    fn finish<V>(self, hook: &'static str) -> Ready<Result<V, HookError>>
    where
        T: HookResult,
    {
        ready(Err(HookError::new(hook, NOT_A_HOOK)))
    }
}
