//! Changed rows are told on a channel of PostgreSQL, each once, and only what is committed.

use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::hooks::SyncContext;
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::postgres::PgListener;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, PgPool, Postgres};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, Json, Outcome, StoreError, StripeObject, StripeSync, SyncError, Syncer,
};

use super::database::{Database, Pool};

const CHANNEL: &str = "stripe_rows";
const ACCOUNT: &str = "acct_mine";
/// How long a notice may take on a busy machine before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The same table with another mapping.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Remapped {
    id: String,
    #[stripe(path = name)]
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    status: String,
    #[stripe(children)]
    items: Vec<Item>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items")]
struct Item {
    id: String,
    #[stripe(parent)]
    subscription: String,
    quantity: Option<i64>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "active", filter(status = "active"))]
struct Active {
    id: String,
    #[stripe(children)]
    items: Vec<ActiveItem>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "active_items", on_delete = hard)]
struct ActiveItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
}

/// A customer whose hook writes a row of another model, and fails for one of them.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "hooked", sync = with_mail)]
struct Hooked {
    id: String,
    email: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "mails")]
struct Mail {
    id: String,
    email: Option<String>,
}

async fn with_mail(object: &StripeObject, cx: &mut SyncContext<'_>) -> Result<Outcome, BoxError> {
    let outcome = cx.sync_default().await?;
    cx.write(Mail::from_stripe(object, cx.context())?).await?;
    match object.id() {
        "cus_bad" => Err("the hook's own error".into()),
        _ => Ok(outcome),
    }
}

struct World {
    fake: FakeStripe,
    database: Database,
    listener: PgListener,
    syncer: Syncer,
}

impl World {
    async fn start() -> Self {
        let fake = FakeStripe::builder().seed(7).account(ACCOUNT);
        let fake = fake.start().await.unwrap();
        let database = Database::create(DatabaseKind::Postgres).await;
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store());
        let syncer = syncer.notify(CHANNEL).build();
        let mut listener = PgListener::connect_with(pool(&database)).await.unwrap();
        listener.listen(CHANNEL).await.unwrap();
        Self {
            fake,
            database,
            listener,
            syncer,
        }
    }

    fn customer(&self, id: &str, email: &str) {
        let customer = json!({"id": id, "email": email, "name": "Ada"});
        self.fake.create("customer", customer).unwrap();
    }

    async fn run(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        sql.execute(pool(&self.database)).await.unwrap();
    }

    /// What was told until now, as `table id kind`, sorted.
    async fn told(&mut self) -> Vec<String> {
        // A notice of the test's own comes behind those of all transactions before.
        self.run("SELECT pg_notify('stripe_rows', 'end')").await;
        let mut told = Vec::new();
        loop {
            let notice = tokio::time::timeout(PATIENCE, self.listener.recv()).await;
            let notice = notice.expect("the notice of the test's own").unwrap();
            assert_eq!(notice.channel(), CHANNEL);
            if notice.payload() == "end" {
                told.sort();
                return told;
            }
            let notice: Value = serde_json::from_str(notice.payload()).unwrap();
            let text = |name: &str| notice[name].as_str().unwrap().to_owned();
            assert_eq!(text("account"), ACCOUNT);
            assert_eq!(notice["livemode"], false);
            told.push([text("table"), text("id"), text("kind")].join(" "));
        }
    }

    async fn end(self) {
        drop(self.listener);
        self.database.remove().await;
    }
}

fn pool(database: &Database) -> &PgPool {
    match &database.pool {
        Pool::Postgres(pool) => pool,
        _ => panic!("only PostgreSQL has NOTIFY"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_is_told_once() {
    let mut world = World::start().await;
    let syncer = world.syncer.clone();
    syncer.ensure_table::<Customer>().await.unwrap();
    world.customer("cus_a", "a@example.com");
    world.customer("cus_b", "b@example.com");
    syncer.sync_all::<Customer>().await.unwrap();
    let told = world.told().await;
    assert_eq!(
        told,
        ["customers cus_a inserted", "customers cus_b inserted"]
    );

    // What is unchanged is not told, neither in a run nor by its id.
    syncer.sync_all::<Customer>().await.unwrap();
    syncer.sync_by_ids::<Customer>(["cus_a"]).await.unwrap();
    assert_eq!(world.told().await, [""; 0]);

    let email = json!({"email": "c@example.com"});
    world.fake.update("cus_a", email).unwrap();
    world.fake.delete("cus_b").unwrap();
    let ids = ["cus_a", "cus_b", "cus_unknown"];
    syncer.sync_by_ids::<Customer>(ids).await.unwrap();
    let told = world.told().await;
    assert_eq!(told, ["customers cus_a updated", "customers cus_b deleted"]);
    syncer.sync_by_ids::<Customer>(ids).await.unwrap();
    assert_eq!(world.told().await, [""; 0]);

    // A changed mapping that is filled from the stored objects.
    let remapped = syncer.remap::<Remapped>().await.unwrap();
    assert_eq!(remapped.updated, 2, "{remapped}");
    let told = world.told().await;
    assert_eq!(told, ["customers cus_a updated", "customers cus_b updated"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_are_told_with_their_parents() {
    let mut world = World::start().await;
    let syncer = world.syncer.clone();
    syncer.ensure_table::<Subscription>().await.unwrap();
    let items = json!([{"id": "si_1", "quantity": 1}, {"id": "si_2", "quantity": 1}]);
    let subscription = json!({"id": "sub_1", "status": "active", "items": items});
    world.fake.create("subscription", subscription).unwrap();
    syncer.sync_all::<Subscription>().await.unwrap();
    let told = world.told().await;
    let new = [
        "items si_1 inserted",
        "items si_2 inserted",
        "subscriptions sub_1 inserted",
    ];
    assert_eq!(told, new);
    let quantity = json!({"quantity": 5});
    world.fake.update("si_1", quantity).unwrap();
    world.fake.delete("si_2").unwrap();
    syncer.sync_by_ids::<Subscription>(["sub_1"]).await.unwrap();
    let told = world.told().await;
    assert_eq!(told, ["items si_1 updated", "items si_2 deleted"]);

    // An object that is outside the filter by now takes its children along.
    syncer.ensure_table::<Active>().await.unwrap();
    syncer.sync_by_ids::<Active>(["sub_1"]).await.unwrap();
    let told = world.told().await;
    assert_eq!(
        told,
        ["active sub_1 inserted", "active_items si_1 inserted"]
    );
    let status = json!({"status": "past_due"});
    world.fake.update("sub_1", status).unwrap();
    syncer.sync_by_ids::<Active>(["sub_1"]).await.unwrap();
    let told = world.told().await;
    assert_eq!(
        told,
        ["active sub_1 left_filter", "active_items si_1 left_filter"]
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn elements_that_are_read_alone_are_told() {
    let mut world = World::start().await;
    let syncer = world.syncer.clone();
    syncer.ensure_table::<Item>().await.unwrap();
    let items = json!([{"id": "si_1", "quantity": 1}]);
    let subscription = json!({"id": "sub_1", "items": items});
    world.fake.create("subscription", subscription).unwrap();
    syncer.sync_all::<Item>().await.unwrap();
    assert_eq!(world.told().await, ["items si_1 inserted"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_not_told() {
    let mut world = World::start().await;
    let syncer = world.syncer.clone();
    syncer.ensure_table::<Customer>().await.unwrap();
    world
        .run("ALTER TABLE customers ADD CHECK (email <> 'bad@example.com')")
        .await;
    world.customer("cus_a", "a@example.com");
    world.customer("cus_bad", "bad@example.com");
    world.customer("cus_c", "c@example.com");
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 1), "{report}");
    let told = world.told().await;
    assert_eq!(
        told,
        ["customers cus_a inserted", "customers cus_c inserted"]
    );

    // Neither is what the hook of an object wrote that failed.
    syncer.ensure_table::<Hooked>().await.unwrap();
    syncer.ensure_table::<Mail>().await.unwrap();
    let report = syncer.sync_all::<Hooked>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 1), "{report}");
    let told = world.told().await;
    let expected = [
        "hooked cus_a inserted",
        "hooked cus_c inserted",
        "mails cus_a inserted",
        "mails cus_c inserted",
    ];
    assert_eq!(told, expected);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_rolled_back_is_not_told() {
    let mut world = World::start().await;
    let syncer = world.syncer.clone();
    syncer.ensure_table::<Customer>().await.unwrap();
    world.customer("cus_a", "a@example.com");
    world.customer("cus_bad", "bad@example.com");
    let live = Live::builder(syncer)
        .model::<Customer>()
        .in_transaction_boxed::<Postgres, _>("customer.*", |event, _| {
            let fails = event.object_id() == Some("cus_bad");
            Box::pin(async move {
                match fails {
                    true => Err("the handler's own error".into()),
                    false => Ok(()),
                }
            })
        })
        .build()
        .unwrap();
    for id in ["cus_a", "cus_bad"] {
        let event = json!({
            "id": format!("evt_{id}"),
            "object": "event",
            "type": "customer.created",
            "created": world.fake.now(),
            "livemode": false,
            "data": {"object": {"id": id, "object": "customer"}},
        });
        let answer = live.receive_trusted(event.to_string()).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
    let processed = live.drain().await.unwrap();
    assert_eq!(
        (processed.events, processed.retried),
        (1, 1),
        "{processed:?}"
    );
    assert_eq!(world.told().await, ["customers cus_a inserted"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_that_nobody_asked_for() {
    let mut world = World::start().await;
    let syncer = Syncer::new(world.fake.stripe().unwrap(), world.database.store());
    syncer.ensure_table::<Customer>().await.unwrap();
    world.customer("cus_a", "a@example.com");
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.inserted, 1);
    assert_eq!(world.told().await, [""; 0]);
    world.end().await;
}

/// The error of the first run of a syncer with a channel, if it is refused.
async fn refused(fake: &FakeStripe, database: &Database, channel: &str) -> Option<StoreError> {
    let plain = Syncer::new(fake.stripe().unwrap(), database.store());
    plain.ensure_table::<Customer>().await.unwrap();
    let syncer = Syncer::builder(fake.stripe().unwrap(), database.store());
    let syncer = syncer.notify(channel).build();
    match syncer.sync_all::<Customer>().await {
        Ok(_) => None,
        Err(SyncError::Store(error)) => Some(error),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_databases_refuse() {
    let fake = FakeStripe::builder().seed(7).start().await.unwrap();
    for kind in [DatabaseKind::Sqlite, DatabaseKind::MySql] {
        let database = Database::create(kind).await;
        let error = refused(&fake, &database, CHANNEL).await.unwrap();
        let said = error.to_string();
        assert!(matches!(error, StoreError::NoNotify { database } if database == kind));
        assert!(said.contains("needs PostgreSQL"), "{said}");
        database.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_is_what_listen_takes_as_it_is() {
    let world = World::start().await;
    let (fake, database) = (&world.fake, &world.database);
    let (longest, too_long) = ("a".repeat(63), "a".repeat(64));
    for channel in ["_rows2", &longest] {
        assert!(refused(fake, database, channel).await.is_none());
    }
    for channel in [
        "", "Rows", "2rows", "my rows", "my-rows", "rows\0", "größe", &too_long,
    ] {
        let error = refused(fake, database, channel).await.unwrap();
        let said = error.to_string();
        assert!(matches!(error, StoreError::NotifyChannel { .. }), "{said}");
        assert!(
            said.contains("small letters, digits and underscores"),
            "{said}"
        );
    }
    world.end().await;
}
