//! The two doors: what happens to a connection whose work ends in an unusual way.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use crate::store::db::{Store, StoreError, query, transaction};
use crate::store::tests::world::World;

const MARK: &str = "CREATE TEMPORARY TABLE mark (n INTEGER)";

/// A store whose pool has one connection, which has a table of its own that ends with it.
async fn marked(world: &World) -> Store {
    world.run("CREATE TABLE work (n INTEGER)").await;
    let store = world.alone().await;
    let made = query!(&store, "mark", async |conn| { conn.run(MARK).await });
    made.unwrap();
    assert!(has_mark(&store).await);
    store
}

/// Whether the store still has the connection that was marked.
async fn has_mark(store: &Store) -> bool {
    let found: Result<i64, StoreError> = query!(store, "mark", async |conn| {
        let (count,) = conn.one::<(i64,)>("SELECT COUNT(*) FROM mark", &[]).await?;
        Ok(count)
    });
    found.is_ok()
}

async fn rows_of_work(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM work").await
}

pub(crate) async fn a_connection_goes_back_when_its_work_ends(world: &World) {
    let store = marked(world).await;
    let done = transaction!(&store, "work", async |conn| {
        conn.run("INSERT INTO work (n) VALUES (1)").await
    });
    done.unwrap();
    let refused: Result<(), StoreError> = transaction!(&store, "work", async |conn| {
        conn.run("INSERT INTO work (n) VALUES (2)").await?;
        conn.run("INSERT INTO nowhere (n) VALUES (3)").await
    });
    assert!(matches!(refused, Err(StoreError::Database { .. })));
    assert!(
        has_mark(&store).await,
        "an ordinary error closed the connection"
    );
    assert_eq!(rows_of_work(world).await, 1);
}

pub(crate) async fn a_panic_undoes_its_work_and_closes_the_connection(world: &World) {
    let store = marked(world).await;
    let work = async {
        let done: Result<(), StoreError> = transaction!(&store, "work", async |conn| {
            conn.run("INSERT INTO work (n) VALUES (1)").await?;
            panic!("a hook's mistake")
        });
        done
    };
    AssertUnwindSafe(work).catch_unwind().await.unwrap_err();
    assert!(!has_mark(&store).await, "the connection was pooled");
    assert_eq!(rows_of_work(world).await, 0);

    let store = marked_again(&store).await;
    let work = async {
        let done: Result<(), StoreError> =
            query!(&store, "work", async |_conn| { panic!("a mistake") });
        done
    };
    AssertUnwindSafe(work).catch_unwind().await.unwrap_err();
    assert!(!has_mark(&store).await, "the connection was pooled");
}

async fn marked_again(store: &Store) -> Store {
    let made = query!(store, "mark", async |conn| { conn.run(MARK).await });
    made.unwrap();
    store.clone()
}

pub(crate) async fn a_future_that_is_dropped_undoes_its_work(world: &World) {
    let store = marked(world).await;
    let (begun, wait) = tokio::sync::oneshot::channel();
    let mut begun = Some(begun);
    let work = async {
        let done: Result<(), StoreError> = transaction!(&store, "work", async |conn| {
            conn.run("INSERT INTO work (n) VALUES (1)").await?;
            if let Some(begun) = begun.take() {
                begun.send(()).unwrap();
            }
            std::future::pending().await
        });
        done
    };
    tokio::select! {
        done = work => panic!("the work ended: {done:?}"),
        begun = wait => begun.unwrap(),
    }
    // The one connection of the pool is free again, and is another one.
    assert!(!has_mark(&store).await, "the connection was pooled");
    assert_eq!(rows_of_work(world).await, 0);
}

pub(crate) async fn work_is_done_again_when_its_connection_breaks(world: &World) {
    let feature = world.kind().dialect().feature;
    let (who, kill) = match feature {
        "postgres" => (
            "SELECT pg_backend_pid()::bigint",
            "SELECT pg_terminate_backend({})",
        ),
        "mysql" => ("SELECT CAST(CONNECTION_ID() AS SIGNED)", "KILL {}"),
        // There is no connection that could break.
        _ => return,
    };
    let store = marked(world).await;
    let mut attempts = 0;
    let done = transaction!(&store, "work", async |conn| {
        attempts += 1;
        conn.run("INSERT INTO work (n) VALUES (1)").await?;
        if attempts == 1 {
            let (connection,) = conn.one::<(i64,)>(who, &[]).await?;
            world.run(kill.replace("{}", &connection.to_string())).await;
        }
        conn.run("INSERT INTO work (n) VALUES (2)").await
    });
    done.unwrap();
    assert_eq!((attempts, rows_of_work(world).await), (2, 2));
}

pub(crate) async fn a_row_of_another_type_is_an_error(world: &World) {
    world.run("CREATE TABLE odd (a TEXT, b INTEGER)").await;
    world.run("INSERT INTO odd (a, b) VALUES ('x', NULL)").await;
    let store = world.store.clone();
    let read: Result<(String, i64), StoreError> = query!(&store, "odd", async |conn| {
        conn.one::<(String, i64)>("SELECT a, b FROM odd", &[]).await
    });
    let error = read.unwrap_err();
    assert!(
        matches!(error, StoreError::UnexpectedRow { .. }),
        "{error:?}"
    );
    let said = error.to_string();
    assert!(said.contains("column 2"), "{said}");
    assert!(said.contains("expected integer, got NULL"), "{said}");
    // A text that a driver would read as the number 0.
    let read = query!(&store, "odd", async |conn| {
        conn.one::<(i64,)>("SELECT a FROM odd", &[]).await
    });
    assert!(read.is_err(), "{read:?}");
}
