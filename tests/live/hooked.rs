//! The changes of a model with a `sync` hook, which decides what is written, in its own table and in another.

use serde_json::json;
use stripe_sync::hooks::SyncContext;
use stripe_sync::live::ChangeKind;
use stripe_sync::{Outcome, StripeObject, StripeSync};

use super::changes::{bring, next, short};
use super::service::Service;

/// A model whose hook writes some rows, each with one of another model, and leaves others.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "hooked", sync = unless_left)]
struct Hooked {
    id: String,
    name: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "noted")]
struct Noted {
    id: String,
    name: String,
}

async fn unless_left(
    object: &StripeObject,
    cx: &mut SyncContext<'_>,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    if object.id().starts_with("left") {
        return Ok(Outcome::Skipped);
    }
    let outcome = cx.sync_default().await?;
    let noted = Noted {
        id: format!("of_{}", object.id()),
        name: "noted".to_owned(),
    };
    cx.write(noted).await?;
    Ok(outcome)
}

pub(crate) async fn a_sync_hook_decides_what_has_changed(service: &Service) {
    service.syncer.ensure_table::<Hooked>().await.unwrap();
    service.syncer.ensure_table::<Noted>().await.unwrap();
    let live = service
        .builder()
        .model::<Hooked>()
        .model::<Noted>()
        .record_changes(true)
        .build()
        .unwrap();
    let mut changes = live.changes(None).await.unwrap();
    for id in ["left_1", "co_1"] {
        service.fake.create("coupon", json!({"id": id})).unwrap();
        bring(service, &live).await;
    }
    let told = next(&mut changes, 4).await;
    // Of each model of a resource, in a transaction of its own.
    assert_eq!(
        short(&told),
        [
            ("coupons", "left_1", ChangeKind::Inserted),
            ("coupons", "co_1", ChangeKind::Inserted),
            ("hooked", "co_1", ChangeKind::Inserted),
            ("noted", "of_co_1", ChangeKind::Inserted),
        ]
    );
    assert_eq!((told[3].model, &*told[3].object), ("Noted", "product"));
}
