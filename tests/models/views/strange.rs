//! Tables that hold less than they should, and views beside views.

use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::{DatabaseKind, Registry, StripeSync, TableName};
use stripe_sync_models::views::{self, ViewError};
use stripe_sync_models::{Customer, Price, Subscription, SubscriptionItem};

use super::subscriptions;
use super::world::{Views, models};
use crate::database::Pool;

impl Views {
    async fn count(&self, from: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {from}"));
        match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .unwrap()
    }

    /// Sets a column of a table in every row.
    async fn set(&self, model: &str, column: &str, value: &str) {
        let registry = self.syncer.registry();
        let mut tables = registry.models().zip(registry.tables());
        let (_, table) = tables.find(|(found, _)| found.name() == model).unwrap();
        let mark = if self.kind == DatabaseKind::MySql {
            '`'
        } else {
            '"'
        };
        let sql = format!(
            "UPDATE {} SET {mark}{column}{mark} = {value}",
            table.quoted(self.kind)
        );
        self.execute(sql).await.unwrap();
    }

    async fn counts(&self) -> Vec<(&'static str, i64)> {
        let mut counts = Vec::new();
        for view in views::all() {
            let name = view.table_name(self.syncer.registry(), self.kind).unwrap();
            counts.push((view.name(), self.count(&name.quoted(self.kind)).await));
        }
        counts
    }
}

/// Every view can be read whatever columns are null, and no join adds rows.
pub(super) async fn every_column_may_be_null(world: &Views) {
    for object in [
        "subscription",
        "charge",
        "refund",
        "payment_intent",
        "invoice",
        "payout",
    ] {
        world.fake.generate(object, 12).unwrap();
    }
    world.sync().await;
    world.create_all().await;
    let before = world.counts().await;
    assert!(before.iter().all(|(_, rows)| *rows > 0), "{before:?}");
    // They say which rows there are.
    let kept = [
        "status",
        "captured",
        "customer",
        "currency",
        "raw",
        "attempt_count",
        "amount_remaining",
        "last_payment_error_type",
    ];
    for model in models().models() {
        let columns = model.columns().iter();
        for column in columns.filter(|column| column.nullable && !kept.contains(&column.name)) {
            world.set(model.name(), column.name, "NULL").await;
        }
    }
    // Without the names of payments, each failed charge is one.
    let same = |counts: Vec<(&'static str, i64)>| {
        counts
            .into_iter()
            .filter(|(view, _)| *view != "failed_payments")
            .collect::<Vec<_>>()
    };
    assert_eq!(same(world.counts().await), same(before));
    world.read_all().await;
    for model in models().models() {
        let columns = model.columns().iter();
        for column in columns.filter(|column| column.nullable && column.name != "raw") {
            world.set(model.name(), column.name, "NULL").await;
        }
    }
    world.read_all().await;
}

/// Discounts that nobody expanded say nothing of a coupon.
pub(super) async fn an_amount_is_unknown_where_a_discount_is(world: &Views) {
    world.fake.generate("subscription", 6).unwrap();
    world.sync().await;
    world.create_all().await;
    let amounts = async || {
        let rows = world
            .rows(
                &views::ACTIVE_SUBSCRIPTIONS,
                subscriptions::COLUMNS,
                &["id"],
            )
            .await;
        assert!(!rows.is_empty());
        rows.values()
            .filter(|row| row["monthly_amount"].is_null())
            .count()
            == rows.len()
    };
    for (discounts, is_unknown) in [("'[\"di_1\"]'", true), ("'[]'", false), ("NULL", false)] {
        world.set("Subscription", "discounts", discounts).await;
        assert_eq!(amounts().await, is_unknown, "{discounts}");
    }
    world
        .set("SubscriptionItem", "discounts", "'[\"di_1\", \"di_2\"]'")
        .await;
    assert!(amounts().await);
    // Nobody pays for nothing.
    world
        .set("SubscriptionItem", "deleted_at", "'2026-11-01 00:00:00'")
        .await;
    let rows = world
        .rows(
            &views::ACTIVE_SUBSCRIPTIONS,
            subscriptions::COLUMNS,
            &["id"],
        )
        .await;
    assert!(
        rows.values()
            .all(|row| row["monthly_amount"] == 0 && row["has_discount"] == false)
    );
    world
        .set("Subscription", "deleted_at", "'2026-11-01 00:00:00'")
        .await;
    let rows = world
        .rows(
            &views::ACTIVE_SUBSCRIPTIONS,
            subscriptions::COLUMNS,
            &["id"],
        )
        .await;
    assert!(rows.is_empty());
}

/// Each set of tables has its views.
pub(super) async fn views_stand_beside_their_tables(world: &Views) {
    world.fake.generate("subscription", 4).unwrap();
    world.sync().await;
    world.create_all().await;
    let own = world.counts().await;
    for registry in [models().in_namespace("other"), models().prefixed("pay_")] {
        for statement in registry.create_tables(world.kind) {
            world.execute(statement).await.unwrap();
        }
        for view in views::all() {
            let create = view.create_sql(&registry, world.kind).unwrap();
            assert!(!create.contains([';', '{', '}']), "{create}");
            world.execute(create.clone()).await.unwrap();
            world
                .execute(create)
                .await
                .expect_err("two views of one name");
            let name = view
                .table_name(&registry, world.kind)
                .unwrap()
                .quoted(world.kind);
            assert_eq!(world.count(&name).await, 0, "{name}");
        }
        assert_eq!(world.counts().await, own);
        for view in views::all() {
            for _ in 0..2 {
                world
                    .execute(view.drop_sql(&registry, world.kind).unwrap())
                    .await
                    .unwrap();
            }
        }
    }
    assert_eq!(world.counts().await, own);
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "people")]
struct Person {
    #[allow(dead_code, reason = "only the model matters")]
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "tenants")]
struct Tenant {
    #[stripe(account)]
    #[allow(dead_code, reason = "only the model matters")]
    account: String,
    #[allow(dead_code, reason = "only the model matters")]
    id: String,
}

/// A model of one's own that lacks a column makes the statement fail. SQLite looks for columns only when the view is read.
pub(super) async fn a_model_that_lacks_a_column_has_no_view(world: &Views) {
    let registry = models().replace::<Customer, Person>();
    let people = Registry::new().model::<Person>();
    for statement in people.create_tables(world.kind) {
        world.execute(statement).await.unwrap();
    }
    let create = views::CUSTOMER_OVERVIEW
        .create_sql(&registry, world.kind)
        .unwrap();
    assert!(create.contains("people"), "{create}");
    let created = world.execute(create).await;
    assert_eq!(created.is_ok(), world.kind == DatabaseKind::Sqlite);
    let name = views::CUSTOMER_OVERVIEW
        .table_name(&registry, world.kind)
        .unwrap();
    let read = world
        .execute(format!("SELECT * FROM {}", name.quoted(world.kind)))
        .await;
    read.expect_err("a view without the columns of customers");
}

#[test]
fn the_name_has_the_place_of_the_first_table() {
    let view = &views::ACTIVE_SUBSCRIPTIONS;
    assert_eq!((view.name(), view.version()), ("active_subscriptions", 1));
    let all = stripe_sync_models::all;
    let own = TableName::new("abos").in_schema("crm");
    for (registry, on_postgres, on_sqlite) in [
        (
            all(),
            "stripe.active_subscriptions_v1",
            "stripe_active_subscriptions_v1",
        ),
        (
            all().in_namespace("other"),
            "other.active_subscriptions_v1",
            "other_active_subscriptions_v1",
        ),
        (
            all().in_schema("mine"),
            "mine.active_subscriptions_v1",
            "mine.active_subscriptions_v1",
        ),
        (
            all().prefixed("pay_"),
            "pay_active_subscriptions_v1",
            "pay_active_subscriptions_v1",
        ),
        (
            all().in_schema("mine").prefixed("pay_"),
            "mine.pay_active_subscriptions_v1",
            "mine.pay_active_subscriptions_v1",
        ),
        (
            all().prefixed("pay_").in_namespace("other"),
            "other.pay_active_subscriptions_v1",
            "other_pay_active_subscriptions_v1",
        ),
        (
            all().placed(|_, _| own.clone()),
            "crm.active_subscriptions_v1",
            "crm.active_subscriptions_v1",
        ),
    ] {
        for (kind, expected) in [
            (DatabaseKind::Postgres, on_postgres),
            (DatabaseKind::Sqlite, on_sqlite),
        ] {
            let name = view.table_name(&registry, kind).unwrap();
            assert_eq!(name.to_string(), expected);
            // As a syncer has it.
            assert_eq!(
                view.table_name(&registry.clone().on(kind), kind).unwrap(),
                name
            );
        }
    }
}

#[test]
fn what_a_view_cannot_be_over_is_refused() {
    let view = &views::ACTIVE_SUBSCRIPTIONS;
    let create = |registry: Registry| view.create_sql(&registry, DatabaseKind::Postgres);
    let some = || {
        Registry::new()
            .model::<Subscription>()
            .model::<SubscriptionItem>()
            .model::<Price>()
    };
    let no_coupon = ViewError::NoModel {
        view: "active_subscriptions",
        model: "Coupon",
        object: "coupon",
    };
    assert_eq!(create(some()), Err(no_coupon));
    let accounts = ViewError::SeveralAccounts {
        view: "active_subscriptions",
        model: "Tenant",
    };
    assert_eq!(
        create(models().replace::<Customer, Tenant>()),
        Err(accounts)
    );
    let several = models().replace::<Customer, Person>().model::<Tenant>();
    let error = create(several).unwrap_err();
    assert!(
        matches!(
            error,
            ViewError::SeveralModels {
                object: "customer",
                ..
            }
        ),
        "{error}"
    );
    // The ready-made one counts.
    assert!(create(models().model::<Person>()).is_ok());
    let long = create(models().prefixed(&"p".repeat(42))).unwrap_err();
    assert!(matches!(long, ViewError::LongName { .. }), "{long}");
}
