//! The views, row by row, against what the fake's objects come to in Rust.

mod amounts;
mod random;
mod truth;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Row as _};
use stripe_sync::testing::FakeStripe;
use stripe_sync::{DatabaseKind, Registry, SyncAllOptions};
use stripe_sync_models::views::{self, View, ViewError};

use crate::World;
use crate::database::Pool;

/// The amounts of a row, by column; `None` is NULL.
pub(crate) type Numbers = BTreeMap<&'static str, Option<i64>>;
/// The rows of a view, each by the texts that name it.
pub(crate) type Rows = BTreeMap<Vec<Option<String>>, Numbers>;

impl World {
    async fn with_views(kind: DatabaseKind) -> Self {
        let world = Self::start(kind).await;
        world.create_views(world.syncer.registry()).await;
        world
    }

    async fn create_views(&self, registry: &Registry) {
        for view in views::all() {
            self.run(&view.create(registry, self.kind()).unwrap()).await;
        }
    }

    pub(crate) fn kind(&self) -> DatabaseKind {
        match self.database.pool {
            Pool::Sqlite(_) => DatabaseKind::Sqlite,
            Pool::Postgres(_) => DatabaseKind::Postgres,
            Pool::MySql(_) => DatabaseKind::MySql,
        }
    }

    async fn fill(&self) {
        let models = self.syncer.registry();
        for (model, report) in self
            .syncer
            .sync_models(models, SyncAllOptions::default())
            .await
        {
            let report = report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
            assert_eq!(report.failed, 0, "{report}");
        }
    }

    /// Reads a view: the columns of texts that name a row, and those of numbers.
    async fn rows(&self, view: &View, key: &[&'static str], numbers: &[&'static str]) -> Rows {
        let name = view
            .table_name(self.syncer.registry(), self.kind())
            .unwrap();
        let sql = AssertSqlSafe(format!("SELECT * FROM {name}"));
        macro_rules! rows {
            ($pool:expr) => {{
                let rows = sqlx::query(sql).fetch_all($pool).await.unwrap();
                let count = rows.len();
                let rows: Rows = rows
                    .iter()
                    .map(|row| {
                        let key = key
                            .iter()
                            .map(|column| row.try_get_unchecked(*column).unwrap());
                        let number = |column: &&'static str| {
                            (*column, row.try_get_unchecked(*column).unwrap())
                        };
                        (key.collect(), numbers.iter().map(number).collect())
                    })
                    .collect();
                assert_eq!(rows.len(), count, "two rows of {name} have one name");
                rows
            }};
        }
        match &self.database.pool {
            Pool::Sqlite(pool) => rows!(pool),
            Pool::Postgres(pool) => rows!(pool),
            Pool::MySql(pool) => rows!(pool),
        }
    }

    /// Expects the views to be what the fake's objects come to.
    pub(crate) async fn views_are_true(&self, tiers: &truth::Tiers) {
        let of = |object: &str| self.fake.truth(object);
        let found = self.rows(
            &views::ACTIVE_SUBSCRIPTIONS,
            &["subscription", "customer", "status", "currency"],
            &[
                "monthly_list_amount",
                "monthly_amount",
                "items",
                "priced_items",
                "metered_items",
                "discounted_items",
                "discounts",
            ],
        );
        assert_same(&found.await, &truth::active_subscriptions(&of, tiers));
        let found = self.rows(
            &views::CUSTOMER_OVERVIEW,
            &["customer", "currency"],
            &[
                "paid_amount",
                "refunded_amount",
                "open_amount",
                "open_invoices",
                "active_subscriptions",
                "payments",
                "balance",
            ],
        );
        assert_same(&found.await, &truth::customer_overview(&of));
        let found = self.rows(
            &views::BALANCE_LEDGER,
            &["balance_transaction", "currency", "status", "type"],
            &["amount", "fee", "net", "balance_after"],
        );
        assert_same(&found.await, &truth::balance_ledger(&of));
        let found = self.rows(
            &views::FAILED_PAYMENTS,
            &[
                "charge",
                "payment_intent",
                "customer",
                "invoice",
                "currency",
                "failure_code",
            ],
            &["amount", "attempts"],
        );
        assert_same(&found.await, &truth::failed_payments(&of));
    }
}

/// Compares the rows of a view, and shows those alone that differ.
fn assert_same(found: &Rows, expected: &Rows) {
    let differ = |key: &&Vec<Option<String>>| found.get(*key) != expected.get(*key);
    let keys: std::collections::BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let different: Vec<String> = keys
        .into_iter()
        .filter(differ)
        .map(|key| {
            format!(
                "{key:?}:\n  expected {:?}\n  got      {:?}",
                expected.get(key),
                found.get(key)
            )
        })
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

async fn a_view_of_empty_tables_is_empty(world: &World) {
    world.views_are_true(&truth::Tiers::new()).await;
}

async fn views_are_beside_their_tables(world: &World) {
    let elsewhere = stripe_sync_models::all().in_namespace("other");
    let ledger = &views::BALANCE_LEDGER;
    let name = ledger
        .table_name(&elsewhere, world.kind())
        .unwrap()
        .to_string();
    let expected = match world.kind() {
        DatabaseKind::Postgres => "other.balance_ledger_v1",
        _ => "other_balance_ledger_v1",
    };
    assert_eq!(name, expected);
    let registry = world.syncer.registry();
    for view in views::all() {
        world.run(&view.drop(registry, world.kind()).unwrap()).await;
    }
    world.create_views(registry).await;
    // What a registry lacks, or has twice, is said.
    let missing = ledger.create(&Registry::new(), world.kind()).unwrap_err();
    assert!(
        matches!(
            missing,
            ViewError::NoModel {
                object: "balance_transaction",
                ..
            }
        ),
        "{missing}"
    );
    let twice = registry
        .clone()
        .model::<stripe_sync_models::BalanceTransaction>();
    let several = ledger.create(&twice, world.kind()).unwrap_err();
    assert!(
        matches!(several, ViewError::SeveralModels { .. }),
        "{several}"
    );
}

async fn each_amount_is_as_in_the_example(world: &World) {
    let tiers = amounts::make(&world.fake);
    world.fill().await;
    world.views_are_true(&tiers).await;
    let months = world
        .rows(
            &views::ACTIVE_SUBSCRIPTIONS,
            &["subscription"],
            &["monthly_list_amount", "monthly_amount"],
        )
        .await;
    for (id, list, due) in amounts::MONTHS {
        let row = &months[&vec![Some((*id).to_owned())]];
        assert_eq!(
            (row["monthly_list_amount"], row["monthly_amount"]),
            (Some(*list), Some(*due)),
            "{id}"
        );
    }
    assert_eq!(months.len(), amounts::MONTHS.len());
}

async fn each_amount_is_right_in_random_worlds(world: &World) {
    let seed = random::seed();
    println!("STRIPE_SYNC_SEED={seed}");
    let tiers = random::make(&world.fake, seed);
    world.fill().await;
    world.views_are_true(&tiers).await;
}

on_each_database! {
    World, with_views, end:
    a_view_of_empty_tables_is_empty
    views_are_beside_their_tables
    each_amount_is_as_in_the_example
    each_amount_is_right_in_random_worlds
}

/// Makes a price, and remembers its tiers.
pub(crate) fn make_price(fake: &FakeStripe, price: Value, tiers: &mut truth::Tiers) -> Value {
    let id = price["id"].as_str().unwrap().to_owned();
    if let Some(of_price) = price.get("tiers") {
        tiers.insert(id, of_price.clone());
    }
    fake.unchecked().create("price", price).unwrap()
}

/// The members of a discount by a coupon.
pub(crate) fn discount(number: usize, coupon: &str, end: Option<i64>) -> Value {
    json!({
        "id": format!("di_{number}"), "object": "discount", "start": 1_760_000_000, "end": end,
        "source": { "type": "coupon", "coupon": coupon },
    })
}
