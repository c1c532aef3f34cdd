//! Calls of the application's functions, hooks and handlers: one that panics, or does not return, is an error of the object
//! or message that it was called for.
//!
//! What a panic says and where it was is known to the process's panic hook alone. So one is set at the first call that
//! is watched, which notes both and calls the one that was set before. An application that sets another one later, and
//! does not call the one that it replaces, still gets the error, without the place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::task::Poll;
use std::time::Duration;

thread_local! {
    /// Whether a function of the application runs on this thread.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic was that one of them did not catch itself.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The longest message that is kept, in bytes: that of a failed assertion may hold whole objects.
const MESSAGE_LIMIT: usize = 500;

/// How long a hook or handler may take unless the application says otherwise.
pub(crate) const HOOK_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a function of the application's returned nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// It panicked, at this file, line and column.
    #[error("panicked at {place}: {message}")]
    PanickedAt { place: String, message: String },
    /// It panicked, and another panic hook than ours knows where.
    #[error("panicked: {message}")]
    Panicked { message: String },
    /// Its future was not ready in time.
    #[error("did not return within {0:?}")]
    TimedOut(Duration),
}

impl CallError {
    /// A panic that was caught on this thread.
    fn of_panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("a value that is no text");
        let message = text[..text.floor_char_boundary(MESSAGE_LIMIT)].to_owned();
        match PLACE.take() {
            Some(place) => Self::PanickedAt { place, message },
            None => Self::Panicked { message },
        }
    }
}

/// Watches this thread until it is dropped.
struct Watch {
    /// Whether it was watched already.
    before: bool,
}

impl Watch {
    fn begin() -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                note(panic);
                before(panic);
            }));
        });
        Self {
            before: WATCHED.replace(true),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.set(self.before);
    }
}

fn note(panic: &PanicHookInfo<'_>) {
    // A thread that ends has no such values any more.
    let _ = WATCHED.try_with(|watched| {
        if watched.get() {
            PLACE.set(panic.location().map(ToString::to_string));
        }
    });
}

/// Calls a plain function of the application's.
///
/// # Errors
/// When it panics. What it was called with may be in any state then, and is not to be used.
pub(crate) fn call<T>(function: impl FnOnce() -> T) -> Result<T, CallError> {
    let _watch = Watch::begin();
    catch_unwind(AssertUnwindSafe(function)).map_err(|payload| CallError::of_panic(&*payload))
}

/// Locks a value that is whole at every moment, so that it can be used after a panic elsewhere too.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a future of the application's.
///
/// # Errors
/// As [`call`].
pub(crate) async fn call_async<T>(future: impl Future<Output = T>) -> Result<T, CallError> {
    let mut future = pin!(future);
    poll_fn(|context| match call(|| future.as_mut().poll(context)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

/// Waits for a hook or handler.
///
/// # Errors
/// As [`call`], and when it is not ready within the limit. One that never yields to others cannot be ended.
pub(crate) async fn call_within<T>(
    limit: Duration,
    future: impl Future<Output = T>,
) -> Result<T, CallError> {
    match tokio::time::timeout(limit, call_async(future)).await {
        Ok(called) => called,
        Err(_) => Err(CallError::TimedOut(limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_is_an_error_with_its_place() {
        let line = line!() + 3;
        let called = call_within(LIMIT, async {
            tokio::task::yield_now().await;
            panic!("expected {}", 1);
        });
        let called: Result<(), _> = tokio::spawn(called).await.unwrap();
        let said = called.unwrap_err().to_string();
        let place = format!("panicked at stripe-sync/src/calls.rs:{line}:13: expected 1");
        assert_eq!(said, place);
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_return_is_an_error() {
        let called = call_within(LIMIT, std::future::pending::<()>()).await;
        assert_eq!(called, Err(CallError::TimedOut(LIMIT)));
    }

    #[test]
    fn what_is_no_panic_is_the_value() {
        assert_eq!(call(|| 1), Ok(1));
        let caught_itself = call(|| catch_unwind(|| panic!("inside")).is_err());
        assert_eq!(caught_itself, Ok(true));
        let thrown = call(|| std::panic::resume_unwind(Box::new(1)));
        assert!(thrown.is_err());
        let long = call(|| panic!("{}", "ü".repeat(MESSAGE_LIMIT)));
        assert!(long.unwrap_err().to_string().len() < 2 * MESSAGE_LIMIT);
    }
}
