//! Models with all five hooks, plain and `async`, that record their calls and fail when they are told to.

use std::sync::{Arc, Mutex};

use stripe_sync::hooks::SyncContext;
use stripe_sync::{Change, Context, Outcome, StripeObject, StripeSync};

pub const HOOKS: [&str; 5] = [
    "pre_set_default",
    "set_default",
    "post_set_default",
    "sync",
    "after_commit",
];

/// Every hook is a plain function, but for `sync`, which has to wait for the write.
#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(
    object = "customer",
    table = "plain",
    pre_set_default = plain::pre,
    set_default = plain::set,
    post_set_default = plain::post,
    sync = waiting::sync,
    after_commit = plain::after
)]
pub struct Plain {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
}

/// Every hook is an `async` function that waits.
#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(
    object = "customer",
    table = "waiting",
    pre_set_default = waiting::pre,
    set_default = waiting::set,
    post_set_default = waiting::post,
    sync = waiting::sync,
    after_commit = waiting::after
)]
pub struct Waiting {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
}

/// A plain `sync` hook: it cannot wait for the write, so it decides against it.
#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(object = "customer", table = "skipping", sync = plain::skip)]
pub struct Skipping {
    pub id: String,
}

/// What was called, and what is to fail.
#[derive(Debug, Clone, Default)]
pub struct Script(Arc<Mutex<Acts>>);

#[derive(Debug, Default)]
struct Acts {
    calls: Vec<String>,
    fails: Option<(String, String)>,
}

impl Script {
    /// From now on this hook fails for this object.
    pub fn fail(&self, hook: &str, id: &str) {
        self.0.lock().unwrap().fails = Some((hook.to_owned(), id.to_owned()));
    }

    /// From now on nothing fails.
    pub fn relent(&self) {
        self.0.lock().unwrap().fails = None;
    }

    /// The calls since the last time, in their order, each as `hook id`.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }
}

/// What a hook does first.
fn enter(context: &Context, hook: &str, id: &str) -> Result<(), String> {
    let script = context.state::<Script>().unwrap();
    let mut acts = script.0.lock().unwrap();
    acts.calls.push(format!("{hook} {id}"));
    match &acts.fails {
        Some((fails, of)) if fails == hook && of == id => Err(format!("told to fail for {id}")),
        _ => Ok(()),
    }
}

/// The row of a change.
fn row<M>(change: Change<M>) -> M {
    match change {
        Change::Inserted { after, .. } | Change::Updated { after, .. } => after,
        Change::Deleted { before, .. } => before,
        _ => unreachable!("there is no other change"),
    }
}

mod plain {
    use super::*;

    pub fn pre(object: &mut StripeObject, context: &Context) -> Result<(), String> {
        enter(context, "pre_set_default", object.id())
    }

    pub fn set(object: &StripeObject, context: &Context) -> Result<Plain, String> {
        enter(context, "set_default", object.id())?;
        Plain::from_stripe(object, context).map_err(|error| error.to_string())
    }

    pub fn post(row: &mut Plain, context: &Context) -> Result<(), String> {
        enter(context, "post_set_default", &row.id)
    }

    pub fn skip(_: &StripeObject, _: &mut SyncContext<'_>) -> Result<Outcome, String> {
        Ok(Outcome::Skipped)
    }

    pub fn after(change: Change<Plain>, context: &Context) -> Result<(), String> {
        enter(context, "after_commit", &row(change).id)
    }
}

mod waiting {
    use hooks::BoxError;
    use tokio::task::yield_now;

    use super::*;

    pub async fn pre(object: &mut StripeObject, context: &Context) -> Result<(), BoxError> {
        yield_now().await;
        Ok(enter(context, "pre_set_default", object.id())?)
    }

    pub async fn set(object: &StripeObject, context: &Context) -> Result<Waiting, BoxError> {
        yield_now().await;
        enter(context, "set_default", object.id())?;
        Ok(Waiting::from_stripe(object, context)?)
    }

    pub async fn post(row: &mut Waiting, context: &Context) -> Result<(), BoxError> {
        yield_now().await;
        Ok(enter(context, "post_set_default", &row.id)?)
    }

    /// Fails after the row was written, so that there is something to undo.
    pub async fn sync(
        object: &StripeObject,
        cx: &mut SyncContext<'_>,
    ) -> Result<Outcome, BoxError> {
        let outcome = cx.sync_default().await?;
        enter(cx.context(), "sync", object.id())?;
        Ok(outcome)
    }

    pub async fn after(change: Change<Waiting>, context: &Context) -> Result<(), BoxError> {
        yield_now().await;
        Ok(enter(context, "after_commit", &row(change).id)?)
    }
}
