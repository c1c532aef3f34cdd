//! What hooks do in a verification: those of the mapping run, those of the write do not.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use stripe_sync::hooks::SyncContext;
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::{
    Change, Context, DatabaseKind, HookError, Origin, Outcome, StripeObject, StripeSync, Syncer,
};

use super::{at_once, named, set};

/// What the hooks saw.
#[derive(Default)]
struct Seen {
    origins: Mutex<Vec<Origin>>,
    written: AtomicU64,
    told: AtomicU64,
}

#[derive(StripeSync)]
#[stripe(
    object = "customer",
    table = "customers",
    post_set_default = louder,
    sync = only_with_email,
    after_commit = told
)]
struct Customer {
    id: String,
    email: Option<String>,
    description: Option<String>,
}

/// A hook of the mapping.
#[derive(StripeSync)]
#[stripe(object = "product", table = "products", post_set_default = shout, after_commit = told_product)]
struct Product {
    id: String,
    name: String,
}

fn seen(cx: &Context) -> &Arc<Seen> {
    cx.state::<Arc<Seen>>().unwrap()
}

fn louder(row: &mut Customer, cx: &Context) -> Result<(), HookError> {
    seen(cx).origins.lock().unwrap().push(cx.origin());
    row.description = Some("seen".to_owned());
    Ok(())
}

async fn only_with_email(
    object: &StripeObject,
    cx: &mut SyncContext<'_>,
) -> Result<Outcome, HookError> {
    seen(cx.context()).written.fetch_add(1, Relaxed);
    let object = object
        .value()
        .map_err(|error| HookError::new("sync", error))?;
    match object["email"].as_str() {
        None | Some("skipped@example.org") => Ok(Outcome::Skipped),
        Some(_) => cx.sync_default().await,
    }
}

fn told(_: Change<Customer>, cx: &Context) {
    seen(cx).told.fetch_add(1, Relaxed);
}

fn shout(row: &mut Product, _: &Context) -> Result<(), HookError> {
    row.name = row.name.to_uppercase();
    Ok(())
}

fn told_product(_: Change<Product>, cx: &Context) {
    seen(cx).told.fetch_add(1, Relaxed);
}

struct World {
    inner: super::World,
    seen: Arc<Seen>,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let mut inner = super::World::start(kind).await;
        let seen = Arc::<Seen>::default();
        inner.syncer = Syncer::builder(inner.fake.stripe().unwrap(), inner.database.store())
            .state(Arc::clone(&seen))
            .build();
        Self { inner, seen }
    }

    async fn end(self) {
        self.inner.end().await;
    }
}

on_each_database! {
    World, start, end:
    a_row_that_a_hook_may_have_skipped_is_not_comparable
    a_hook_of_the_mapping_makes_what_is_compared
}

async fn a_row_that_a_hook_may_have_skipped_is_not_comparable(world: &World) {
    let World { inner, seen } = world;
    for number in 0..6 {
        let email = match number {
            0 | 1 => "skipped@example.org".to_owned(),
            number => format!("{number}@example.org"),
        };
        let customer = serde_json::json!({"email": email});
        inner.fake.create("customer", customer).unwrap();
    }
    let mut ids = inner.fake.ids("customer");
    ids.sort_by_key(|id| inner.fake.get(id).unwrap()["email"].to_string());
    // Those that the hook skips are the last ones.
    inner.syncer.ensure_table::<Customer>().await.unwrap();
    inner.syncer.sync_all::<Customer>().await.unwrap();
    // The hook keeps the row as it was.
    let skipped = serde_json::json!({"email": "skipped@example.org"});
    inner.fake.update(&ids[0], skipped).unwrap();
    inner.syncer.sync_all::<Customer>().await.unwrap();
    let (written, told) = (seen.written.load(Relaxed), seen.told.load(Relaxed));
    seen.origins.lock().unwrap().clear();

    let found = inner.verify::<Customer>(at_once()).await;
    assert!(found.is_equal(), "{found}");
    let counts = found.counts;
    assert_eq!((counts.equal, counts.not_comparable), (3, 3), "{found}");
    let origins = seen.origins.lock().unwrap().clone();
    assert!(!origins.is_empty() && origins.iter().all(|origin| *origin == Origin::Verify));
    // What others wrote is drift all the same.
    let spoil = format!("UPDATE customers SET email = 'x' WHERE id = '{}'", ids[1]);
    inner.database.run(&spoil).await;
    let found = inner.verify::<Customer>(at_once()).await;
    let expected = set([format!("differing {}: email", ids[1])]);
    assert_eq!(named(&found.drifts), expected, "{found}");
    assert_eq!(seen.written.load(Relaxed), written);
    assert_eq!(seen.told.load(Relaxed), told);

    let mended = inner.verify::<Customer>(at_once().fix(true)).await;
    assert_eq!(mended.counts.fixed, 1, "{mended}");
    assert_eq!(seen.written.load(Relaxed), written + 1);
    assert_eq!(seen.told.load(Relaxed), told + 1);
}

async fn a_hook_of_the_mapping_makes_what_is_compared(world: &World) {
    let World { inner, seen } = world;
    let ids = inner.mirrored::<Product>(5).await;
    let told = seen.told.load(Relaxed);
    let found = inner.verify::<Product>(at_once()).await;
    assert_eq!((found.counts.equal, found.is_equal()), (5, true), "{found}");
    // As Stripe has it, and not as the hook makes it.
    let name = inner.fake.get(&ids[0]).unwrap()["name"].clone();
    let name = name.as_str().unwrap().replace('\'', "''").to_lowercase();
    let spoil = format!(
        "UPDATE products SET name = '{name}' WHERE id = '{}'",
        ids[0]
    );
    inner.database.run(&spoil).await;
    let found = inner.verify::<Product>(at_once()).await;
    let expected = set([format!("differing {}: name", ids[0])]);
    assert_eq!(named(&found.drifts), expected, "{found}");
    assert_eq!(seen.told.load(Relaxed), told);
}
