use super::models::{Customer, customer};
use super::world::{World, Write};
use crate::hooks::Outcome::{Inserted, Updated};
use crate::model::StripeSync;
use crate::store::StoreError;
use crate::store::batch::Written::Done;

pub(super) async fn one_walk_at_a_time(world: &World) {
    world.table::<Customer>().await;
    let (model, scope, store) = (Customer::MODEL, World::scope(), &world.store);
    let lease = store.acquire_walk(model, &scope).await.unwrap();
    let error = store.acquire_walk(model, &scope).await.unwrap_err();
    match &error {
        StoreError::WalkRunning {
            holder, seconds, ..
        } => {
            assert!(holder.contains(&std::process::id().to_string()), "{holder}");
            assert!((1..=60).contains(seconds), "{seconds}");
        }
        other => panic!("expected a running walk, found {other:?}"),
    }
    let write = Write {
        lease: Some(&lease),
        ..Write::list(world.tick().await)
    };
    let object = [customer("cus_1", "")];
    assert_eq!(
        write.rows::<Customer>(world, &object).await,
        [Done(Inserted)]
    );
    store.renew_walk(&lease).await.unwrap();
    store.release_walk(&lease).await.unwrap();
    let lost = write.report::<Customer>(world, &object).await;
    assert!(
        matches!(lost, Err(StoreError::LeaseLost { .. })),
        "{lost:?}"
    );
    let next = store.acquire_walk(model, &scope).await.unwrap();
    store.release_walk(&next).await.unwrap();
}

pub(super) async fn a_lease_that_ended_is_taken_over_and_fences(world: &World) {
    world.table::<Customer>().await;
    let (model, scope, store) = (Customer::MODEL, World::scope(), &world.store);
    let old = store.acquire_walk(model, &scope).await.unwrap();
    // The process that has it was halted for a long time.
    world
        .run("UPDATE stripe_sync_walks SET expires_at = 1")
        .await;
    let new = store.acquire_walk(model, &scope).await.unwrap();
    let write = |lease, start| Write {
        lease: Some(lease),
        ..Write::list(start)
    };
    let object = [customer("cus_1", r#""email":"old""#)];
    let late = write(&old, world.tick().await);
    let late = late.report::<Customer>(world, &object).await;
    assert!(
        matches!(late, Err(StoreError::LeaseLost { .. })),
        "{late:?}"
    );
    let renewed = store.renew_walk(&old).await;
    assert!(matches!(renewed, Err(StoreError::LeaseLost { .. })));
    // Nor does it give back what is not its own.
    store.release_walk(&old).await.unwrap();
    let now = write(&new, world.tick().await);
    assert_eq!(now.rows::<Customer>(world, &object).await, [Done(Inserted)]);
    let object = [customer("cus_1", r#""email":"new""#)];
    assert_eq!(world.single::<Customer>(&object).await, [Done(Updated)]);
    store.renew_walk(&new).await.unwrap();
}
