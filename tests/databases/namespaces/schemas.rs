//! Schemas of PostgreSQL: who creates one, and when.

use stripe_sync::reexport::sqlx::postgres::PgPool;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::{DatabaseKind, Syncer};

use super::{Customer, Item, Pool, Subscription, World, models};

fn pool(world: &World) -> &PgPool {
    match &world.database.pool {
        Pool::Postgres(pool) => pool,
        _ => panic!("expected PostgreSQL"),
    }
}

/// How many sessions of the database wait for another one's transaction.
async fn waiting(world: &World) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'";
    sqlx::query_scalar(sql)
        .fetch_one(pool(world))
        .await
        .unwrap()
}

/// `IF NOT EXISTS` does not see a schema that is not committed yet, and fails once it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_session_creates_it_meanwhile() {
    let world = World::start(DatabaseKind::Postgres).await;
    let syncer = world.syncer(&models());
    // The bookkeeping is there, whose lock would let one wait for the other.
    let elsewhere = world.syncer(&models().prefixed("x_"));
    elsewhere.ensure_table::<Item>().await.unwrap();
    let mut other = pool(&world).begin().await.unwrap();
    let create = sqlx::raw_sql("CREATE SCHEMA stripe").execute(&mut *other);
    create.await.unwrap();
    let both = async {
        tokio::join!(
            syncer.ensure_table::<Customer>(),
            syncer.ensure_table::<Subscription>()
        )
    };
    let commit = async {
        while waiting(&world).await < 2 {
            tokio::task::yield_now().await;
        }
        other.commit().await.unwrap();
    };
    let ((one, two), ()) = tokio::join!(both, commit);
    one.unwrap();
    two.unwrap();
    for (model, differences) in syncer.check_models(models()).await {
        assert_eq!(differences.unwrap(), [], "{}", model.name());
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_takes_the_place_of_a_namespace_and_is_not_created() {
    let world = World::start(DatabaseKind::Postgres).await;
    let registry = models().in_schema("mine");
    let made = world.syncer(&registry).ensure_models(&registry).await;
    assert!(made.iter().all(|(_, made)| made.is_err()), "{made:?}");
    let create = sqlx::raw_sql("CREATE SCHEMA mine").execute(pool(&world));
    create.await.unwrap();
    world.fill(&registry, |name| format!("mine.{name}")).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_create_schemas_uses_one_that_is_there() {
    let world = World::start(DatabaseKind::Postgres).await;
    let owner = pool(&world);
    let run = async |sql: String| {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner);
        sql.await.unwrap();
    };
    let role = format!("{}_role", world.database.name());
    run(format!("CREATE ROLE {role} LOGIN")).await;
    run(format!("GRANT CREATE ON SCHEMA public TO {role}")).await;
    let options = (*owner.connect_options()).clone().username(&role);
    let pool = PgPool::connect_with(options).await.unwrap();
    let syncer = Syncer::new(world.fake.stripe().unwrap(), &pool);
    let refused = syncer.ensure_table::<Customer>().await.unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("stripe.customers") && said.contains("permission denied"),
        "{said}"
    );

    run(format!(
        "CREATE SCHEMA stripe; GRANT USAGE, CREATE ON SCHEMA stripe TO {role}"
    ))
    .await;
    syncer.ensure_table::<Customer>().await.unwrap();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.inserted, 12, "{report}");

    pool.close().await;
    run(format!("DROP OWNED BY {role}")).await;
    run(format!("DROP ROLE {role}")).await;
    world.end().await;
}
