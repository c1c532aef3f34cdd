//! A role that may read and write rows and nothing else, with tables that their owner made.

use stripe_sync::reexport::sqlx::mysql::MySqlPool;
use stripe_sync::reexport::sqlx::postgres::PgPool;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, IntoStore, Placement, StoreError, StripeSync, SyncError, Syncer,
    bookkeeping_statements, create_table,
};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", on_delete = hard)]
struct Customer {
    id: String,
    email: Option<String>,
}

/// A run, a deletion and a look at what failed, with the rights of the pool's role.
async fn everything_runs(fake: &FakeStripe, pool: impl IntoStore) {
    let syncer = Syncer::new(fake.stripe().unwrap(), pool);
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.inserted, 130, "{report}");
    let gone = fake.ids("customer").remove(3);
    fake.delete(&gone).unwrap();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.deleted, 1, "{report}");
    assert!(syncer.failed_rows::<Customer>().await.unwrap().is_empty());
}

/// The statements of a migration.
fn migration(kind: DatabaseKind) -> Vec<String> {
    let mut statements = bookkeeping_statements(kind, &Placement::default());
    statements.extend(create_table::<Customer>(kind));
    statements
}

async fn fake() -> FakeStripe {
    let fake = FakeStripe::builder().seed(2).start().await.unwrap();
    fake.generate("customer", 130).unwrap();
    fake
}

async fn run(pool: &Pool, statement: String) {
    let statement = AssertSqlSafe(statement);
    match pool {
        Pool::Postgres(pool) => sqlx::raw_sql(statement).execute(pool).await.map(drop),
        Pool::MySql(pool) => sqlx::raw_sql(statement).execute(pool).await.map(drop),
        Pool::Sqlite(pool) => sqlx::raw_sql(statement).execute(pool).await.map(drop),
    }
    .unwrap();
}

#[tokio::test]
async fn a_role_without_ddl_runs_on_postgres() {
    let fake = fake().await;
    let database = Database::create(DatabaseKind::Postgres).await;
    let Pool::Postgres(owner) = &database.pool else {
        panic!("expected PostgreSQL");
    };
    let role = format!("{}_role", database.name());
    run(&database.pool, format!("CREATE ROLE {role} LOGIN")).await;
    let options = (*owner.connect_options()).clone().username(&role);
    let pool = PgPool::connect_with(options).await.unwrap();

    let refused = Syncer::new(fake.stripe().unwrap(), &pool);
    let error = refused.ensure_table::<Customer>().await.unwrap_err();
    let expected = matches!(&error, SyncError::Store(StoreError::Bookkeeping { .. }));
    assert!(expected, "{error:?}");
    let said = error.to_string();
    assert!(said.contains("bookkeeping_statements"), "{said}");

    for statement in migration(DatabaseKind::Postgres) {
        run(&database.pool, statement).await;
    }
    let rights =
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}");
    run(&database.pool, rights).await;
    everything_runs(&fake, &pool).await;

    pool.close().await;
    run(&database.pool, format!("DROP OWNED BY {role}")).await;
    run(&database.pool, format!("DROP ROLE {role}")).await;
    database.remove().await;
}

#[tokio::test]
async fn a_role_without_ddl_runs_on_mysql() {
    let fake = fake().await;
    let database = Database::create(DatabaseKind::MySql).await;
    let Pool::MySql(owner) = &database.pool else {
        panic!("expected MySQL");
    };
    let name = database.name();
    // At most 32 characters on MySQL.
    let role = format!("dml_{}", name.rsplit('_').next().unwrap());
    run(&database.pool, format!("CREATE USER '{role}'@'%'")).await;
    for statement in migration(DatabaseKind::MySql) {
        run(&database.pool, statement).await;
    }
    let rights = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO '{role}'@'%'");
    run(&database.pool, rights).await;
    let options = (*owner.connect_options()).clone().username(&role);
    let pool = MySqlPool::connect_with(options).await.unwrap();
    everything_runs(&fake, &pool).await;

    pool.close().await;
    run(&database.pool, format!("DROP USER '{role}'@'%'")).await;
    database.remove().await;
}
