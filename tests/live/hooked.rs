//! The changes of a model with a `sync` hook, which decides what is written.

use serde_json::json;
use stripe_sync::StripeSync;
use stripe_sync::live::ChangeKind;

use super::changes::{bring, next, short};
use super::database::Pool;
use super::service::Service;

/// A model of each database whose hook writes some rows and leaves others.
macro_rules! hooked {
    ($($module:ident $database:ident;)*) => {$(
        mod $module {
            use stripe_sync::hooks::TypedSyncContext;
            use stripe_sync::{HookError, Outcome, StripeObject, StripeSync, reexport::sqlx};

            #[derive(StripeSync)]
            #[stripe(object = "coupon", table = "hooked", database = $module, sync = unless_left)]
            pub(super) struct Hooked {
                id: String,
                name: Option<String>,
            }

            async fn unless_left(
                object: &StripeObject,
                cx: &mut TypedSyncContext<'_, sqlx::$database>,
            ) -> Result<Outcome, HookError> {
                match object.id().starts_with("left") {
                    true => Ok(Outcome::Skipped),
                    false => cx.sync_default().await,
                }
            }
        }
    )*};
}
hooked! {
    sqlite Sqlite;
    postgres Postgres;
    mysql MySql;
}

pub(crate) async fn a_sync_hook_decides_what_has_changed(service: &Service) {
    match service.database.pool {
        Pool::Sqlite(_) => changes_of_hooked::<sqlite::Hooked>(service).await,
        Pool::Postgres(_) => changes_of_hooked::<postgres::Hooked>(service).await,
        Pool::MySql(_) => changes_of_hooked::<mysql::Hooked>(service).await,
    }
}

async fn changes_of_hooked<M: StripeSync>(service: &Service) {
    service.syncer.ensure_table::<M>().await.unwrap();
    let live = service
        .builder()
        .model::<M>()
        .record_changes(true)
        .build()
        .unwrap();
    let mut changes = live.changes(None).await.unwrap();
    for id in ["left_1", "co_1"] {
        service.fake.create("coupon", json!({"id": id})).unwrap();
        bring(service, &live).await;
    }
    let told = next(&mut changes, 3).await;
    // Of each model of a resource, in a transaction of its own.
    assert_eq!(
        short(&told),
        [
            ("coupons", "left_1", ChangeKind::Inserted),
            ("coupons", "co_1", ChangeKind::Inserted),
            ("hooked", "co_1", ChangeKind::Inserted),
        ]
    );
}
