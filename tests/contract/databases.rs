//! A model of one database, while the features of all three are on.

use crate::private::SyncHook;
use rust_decimal::Decimal;
use stripe_sync::hooks::SyncContext;
use stripe_sync::{HookError, Outcome, StripeObject, StripeSync, reexport::sqlx};

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices", database = postgres, sync = sync)]
struct Price {
    id: String,
    #[stripe(sql_type = "numeric(30, 12)")]
    unit_amount_decimal: Option<Decimal>,
}

async fn sync(
    _: &StripeObject,
    cx: &mut SyncContext<'_, sqlx::Postgres>,
) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Everywhere {
    id: String,
}

#[test]
fn only_its_statements_are_written() {
    let sql = &Price::MODEL.parts.sql;
    assert!(sql.postgres.is_some() && sql.sqlite.is_none() && sql.mysql.is_none());
    assert!(matches!(
        Price::MODEL.parts.sync,
        Some(SyncHook::Postgres(_))
    ));
    let sql = &Everywhere::MODEL.parts.sql;
    assert!(sql.postgres.is_some() && sql.sqlite.is_some() && sql.mysql.is_some());
}
