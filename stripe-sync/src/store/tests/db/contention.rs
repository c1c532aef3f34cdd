use std::time::Duration;

use crate::model::hooks::Outcome::{Inserted, Unchanged, Updated};
use crate::store::db::{Store, StoreError};
use crate::store::rows::outcome::Written::{Done, ReadAgain};
use crate::store::tests::models::{Customer, customer};
use crate::store::tests::world::{World, Write};

/// Long enough for another task to reach the lock that it has to wait for.
const A_MOMENT: Duration = Duration::from_millis(300);

fn pair(email: &str) -> [String; 2] {
    ["cus_1", "cus_2"].map(|id| customer(id, &format!(r#""email":"{email}""#)))
}

pub(crate) async fn a_deadlock_is_replayed(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&pair("a")).await;
    world.run("CREATE TABLE ballast (n INTEGER)").await;
    let start = world.next_token().await;

    let mut other = world.begin().await;
    // The transaction that changed less is the one that is undone, on MySQL.
    for _ in 0..50 {
        let insert = "INSERT INTO ballast (n) VALUES (1)";
        other.conn().run(insert).await.unwrap();
    }
    let second = "UPDATE customers SET notes = 'held' WHERE id = 'cus_2'";
    other.conn().run(second).await.unwrap();
    let objects = pair("b");
    let write = Write::single(start);
    let (written, ()) = tokio::join!(write.rows::<Customer>(world, &objects), async {
        tokio::time::sleep(A_MOMENT).await;
        // The store holds the first row by now, and waits for the second. On SQLite it waits for the whole file.
        let first = "UPDATE customers SET notes = 'held' WHERE id = 'cus_1'";
        other.conn().run(first).await.unwrap();
        other.commit().await.unwrap();
    });
    assert_eq!(written, [Done(Updated), Done(Updated)]);
    let both = "SELECT COUNT(*) FROM customers WHERE notes = 'held' AND email = 'b'";
    assert_eq!(world.number(both).await, 2);
}

pub(crate) async fn a_lock_that_is_let_go_is_waited_for(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&pair("a")).await;
    let start = world.next_token().await;
    let mut other = world.begin().await;
    let hold = "UPDATE customers SET notes = 'held' WHERE id = 'cus_1'";
    other.conn().run(hold).await.unwrap();
    let objects = pair("b");
    let write = Write::list(start);
    // Longer than the sessions of the tests wait for a lock.
    let (written, ()) = tokio::join!(write.rows::<Customer>(world, &objects), async {
        tokio::time::sleep(Duration::from_millis(2_300)).await;
        other.commit().await.unwrap();
    });
    assert_eq!(written, [Done(Updated), Done(Updated)]);
}

pub(crate) async fn a_lock_that_is_never_let_go_is_an_error(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&pair("a")).await;
    let start = world.next_token().await;
    let store = impatient(&world.store).await;
    let mut other = world.begin().await;
    let hold = "UPDATE customers SET notes = 'held' WHERE id = 'cus_2'";
    other.conn().run(hold).await.unwrap();
    let world = World::of(store);
    let write = Write::list(start);
    let error = write
        .report::<Customer>(&world, &pair("b"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Contended {
                tries: 10,
                cause: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
    other.rollback().await.unwrap();
}

/// The same database through sessions that hardly wait for locks.
async fn impatient(store: &Store) -> Store {
    use crate::store::db::pool::Pool;
    use crate::store::db::store::IntoStore as _;
    match &store.pool {
        #[cfg(feature = "sqlite")]
        Pool::Sqlite(pool) => {
            let options = (*pool.connect_options()).clone();
            let options = options.busy_timeout(Duration::from_millis(1));
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            pool.into_store()
        }
        #[cfg(feature = "postgres")]
        Pool::Postgres(pool) => {
            let options = (*pool.connect_options()).clone();
            let options = options.options([("lock_timeout", "20ms")]);
            sqlx::PgPool::connect_with(options)
                .await
                .unwrap()
                .into_store()
        }
        #[cfg(feature = "mysql")]
        Pool::MySql(pool) => {
            let options = (*pool.connect_options()).clone();
            let pool = sqlx::mysql::MySqlPoolOptions::new().after_connect(|conn, _| {
                Box::pin(async move {
                    let set = "SET SESSION innodb_lock_wait_timeout = 0";
                    sqlx::raw_sql(set).execute(conn).await?;
                    Ok(())
                })
            });
            pool.connect_with(options).await.unwrap().into_store()
        }
    }
}

pub(crate) async fn many_writers_end_with_the_newest(world: &World) {
    world.table::<Customer>().await;
    let world: &'static World = Box::leak(Box::new(World::of(world.store.clone())));
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..4 {
        tasks.spawn(async move {
            for round in 0..8 {
                let start = world.next_token().await;
                let objects: Vec<String> = (0..20)
                    .map(|number| {
                        let id = format!("cus_{number:02}");
                        customer(&id, &format!(r#""email":"{writer}-{round}""#))
                    })
                    .collect();
                let write = if writer % 2 == 0 {
                    Write::single(start)
                } else {
                    Write::list(start)
                };
                for written in write.rows::<Customer>(world, &objects).await {
                    let fine = [Done(Inserted), Done(Updated), ReadAgain];
                    assert!(fine.contains(&written), "{written:?}");
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let objects: Vec<String> = (0..20)
        .map(|number| customer(&format!("cus_{number:02}"), r#""email":"last""#))
        .collect();
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(written, vec![Done(Updated); 20]);
}

pub(crate) async fn many_processes_prepare_and_bind_at_once(world: &World) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        // What was learned is not shared, as between processes.
        let world = World::of(Store::new(world.store.pool.clone()));
        tasks.spawn(async move {
            world.table::<Customer>().await;
            world.single::<Customer>(&pair("a")).await;
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let bindings = "SELECT COUNT(*) FROM stripe_sync_tables WHERE bound";
    assert_eq!(world.number(bindings).await, 1);
    assert_eq!(
        world.list::<Customer>(&pair("a")).await,
        [Done(Unchanged), Done(Unchanged)]
    );
}
