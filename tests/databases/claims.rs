//! A claimed account is checked before the first write, once for each syncer.

use std::collections::BTreeMap;

use serde_json::Value;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, Faults, Mode};
use stripe_sync::{
    DatabaseKind, Json, Stripe, StripeObject, StripeSync, SyncError, Syncer, SyncerBuilder,
};

use super::database::Database;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Rows of the account that owns the table.
const ROWS: usize = 300;

/// A table of `acct_A`, and a fake that knows `acct_B`, too.
struct World {
    fake: FakeStripe,
    database: Database,
    rows: BTreeMap<String, Value>,
    key_of_b: String,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(72).account("acct_A");
        let fake = fake.start().await.unwrap();
        fake.generate("customer", ROWS).unwrap();
        let key_of_b = fake.add_account("acct_B", Mode::Test);
        let b = fake.account("acct_B", Mode::Test).unwrap();
        b.generate("customer", ROWS).unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Customer>().await.unwrap();
        syncer.sync_all::<Customer>().await.unwrap();
        let rows = database.rows("customers").await;
        assert_eq!(rows.len(), ROWS);
        fake.reset_requests();
        Self {
            fake,
            database,
            rows,
            key_of_b,
        }
    }

    fn stripe(&self, key: &str) -> Stripe {
        let stripe = Stripe::builder(key.to_owned()).base_url(self.fake.base_url());
        stripe.max_retries(0).build().unwrap()
    }

    fn builder(&self, key: &str) -> SyncerBuilder {
        Syncer::builder(self.stripe(key), self.database.store())
    }

    /// Every call is refused with the same error, and nothing was asked for besides the account.
    async fn refuses(&self, syncer: &Syncer, parts: &[&str]) {
        self.fake.reset_requests();
        let id = self.rows.keys().next().unwrap();
        let object = StripeObject::from_json(self.rows[id].to_string()).unwrap();
        for error in [
            syncer.sync_all::<Customer>().await.unwrap_err(),
            syncer
                .sync_by_ids::<Customer>([id.as_str()])
                .await
                .unwrap_err(),
            syncer.sync::<Customer>(object).await.unwrap_err(),
        ] {
            let is = matches!(
                error,
                SyncError::WrongClaim { .. } | SyncError::NoAccess { .. }
            );
            assert!(is, "{error:?}");
            let text = error.to_string();
            for part in parts {
                assert!(text.contains(part), "expected {part} in {text}");
            }
        }
        let asked = self.fake.requests().into_iter();
        let others: Vec<String> = asked
            .map(|request| request.path)
            .filter(|path| path != "/v1/account")
            .collect();
        assert_eq!(others, [""; 0]);
        assert_eq!(self.database.rows("customers").await, self.rows);
    }

    async fn end(self) {
        self.database.remove().await;
    }
}

on_each_database! {
    World, start, end:
    another_accounts_key_changes_nothing
}

async fn another_accounts_key_changes_nothing(world: &World) {
    let wrong = world
        .builder(&world.key_of_b)
        .account("acct_A", false)
        .build();
    world.refuses(&wrong, &["acct_A", "acct_B"]).await;
    // The mode, for which nothing is asked.
    let live = world
        .builder(world.fake.secret_key())
        .account("acct_A", true);
    world
        .refuses(&live.build(), &["live data", "test data"])
        .await;
    assert_eq!(world.fake.requests().len(), 0);
}

#[tokio::test]
async fn a_right_claim_costs_one_request() {
    let world = World::start(DatabaseKind::Sqlite).await;
    let right = world
        .builder(world.fake.secret_key())
        .account("acct_A", false)
        .build();
    for _ in 0..2 {
        assert_eq!(
            right.sync_all::<Customer>().await.unwrap().unchanged,
            ROWS as u64
        );
    }
    assert_eq!(world.fake.request_counts()["GET /v1/account"], 1);
    world.end().await;
}

/// A key that may not ask: the refusal names its account.
#[tokio::test]
async fn a_key_that_may_not_ask_is_known_by_its_refusal() {
    let world = World::start(DatabaseKind::Sqlite).await;
    let restricted = world.fake.add_restricted_key(["customer"]).unwrap();
    let right = world.builder(&restricted).account("acct_A", false).build();
    let id = world.rows.keys().next().unwrap();
    let done = right.sync_by_ids::<Customer>([id.as_str()]).await.unwrap();
    assert_eq!(done.report.failed, 0);
    assert_eq!(world.fake.request_counts()["GET /v1/account"], 1);
    let wrong = world.builder(&restricted).account("acct_C", false).build();
    world.refuses(&wrong, &["acct_C", "acct_A"]).await;
    world.end().await;
}

/// A claim of an account that the key does not reach.
#[tokio::test]
async fn an_account_without_access_is_refused() {
    let world = World::start(DatabaseKind::Sqlite).await;
    let elsewhere = world.stripe(&world.key_of_b).for_account("acct_A");
    let elsewhere = Syncer::builder(elsewhere, world.database.store());
    let elsewhere = elsewhere.account("acct_A", false).build();
    world.refuses(&elsewhere, &["acct_A", "no access"]).await;

    // A connected account answers for itself.
    let connected = world.fake.add_connected_account("acct_C").unwrap();
    connected.generate("customer", 2).unwrap();
    let stripe = world.stripe(world.fake.secret_key()).for_account("acct_C");
    let as_itself = Syncer::builder(stripe.clone(), world.database.store())
        .account("acct_C", false)
        .build();
    let plan = as_itself.plan::<Customer>().await.unwrap();
    assert_eq!(plan.objects, 2);
    let as_platform = Syncer::builder(stripe, world.database.store())
        .account("acct_A", false)
        .build();
    world.refuses(&as_platform, &["acct_A", "acct_C"]).await;
    world.end().await;
}

/// What is not an answer to the question is an error of the run, and the next run asks again.
#[tokio::test]
async fn a_failure_to_ask_is_no_answer() {
    let world = World::start(DatabaseKind::Sqlite).await;
    for faults in [Faults::new(1).rate_500(1.0), Faults::new(1).reset(1.0)] {
        let right = world.builder(world.fake.secret_key());
        let right = right.account("acct_A", false).build();
        let wrong = world.builder(&world.key_of_b);
        let wrong = wrong.account("acct_A", false).build();
        world.fake.faults(faults);
        for syncer in [&right, &wrong] {
            let error = syncer.sync_all::<Customer>().await.unwrap_err();
            assert!(matches!(error.root(), SyncError::Stripe(_)), "{error:?}");
        }
        world.fake.faults(None);
        assert_eq!(
            right.sync_all::<Customer>().await.unwrap().unchanged,
            ROWS as u64
        );
        world.refuses(&wrong, &["acct_A", "acct_B"]).await;
    }
    world.end().await;
}
