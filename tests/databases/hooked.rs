//! `sync` hooks that name no database: what they write beside their row, what fails with them, and what a newer read of
//! another row does to them.

mod world;

use std::sync::atomic::Ordering::Relaxed;

use serde_json::json;
use tokio::sync::oneshot;

use super::database::Pool;
use world::{ACCOUNT, Act, Item, OwnedItem, Subscription, World};

async fn rows_of_another_model_are_written_as_its_own_runs_would(world: &World) {
    world.subscription("sub_a", &[1, 2]);
    world.subscription("sub_b", &[3]);
    let syncer = world.syncer(&World::script(Act::Items));
    syncer.ensure_table::<Item>().await.unwrap();
    let report = world.sync(Act::Items).await;
    assert_eq!((report.inserted, report.failed), (2, 0), "{report}");
    let written = ["si_sub_a_1 1", "si_sub_a_2 2", "si_sub_b_1 3"];
    assert_eq!(world.items().await, written);
    // A run of its own finds the hashes that it would have written, and nobody else's table.
    let report = syncer.sync_all::<Item>().await.unwrap();
    assert_eq!((report.unchanged, report.written()), (3, 0), "{report}");

    world
        .fake
        .update("si_sub_a_1", json!({"quantity": 9}))
        .unwrap();
    let report = world.sync(Act::Items).await;
    assert_eq!(report.failed, 0, "{report}");
    assert_eq!(world.items().await[0], "si_sub_a_1 9");
}

async fn a_newer_read_of_another_row_has_the_object_read_again(world: &World) {
    world.subscription("sub_a", &[1]);
    let script = World::script(Act::Items);
    let (meanwhile, begun) = oneshot::channel();
    *script.meanwhile.lock().unwrap() = Some(meanwhile);
    let syncer = world.syncer(&script);
    syncer.ensure_table::<Subscription>().await.unwrap();
    syncer.ensure_table::<Item>().await.unwrap();
    let run = tokio::spawn({
        let syncer = syncer.clone();
        async move { syncer.sync_by_ids::<Subscription>(["sub_a"]).await }
    });
    // The subscription was read; its item changes, and another process is faster.
    let done = begun.await.unwrap();
    world
        .fake
        .update("si_sub_a_1", json!({"quantity": 5}))
        .unwrap();
    let report = syncer.sync_by_ids::<Item>(["si_sub_a_1"]).await.unwrap();
    assert_eq!(report.inserted, 1);
    done.send(()).unwrap();
    let report = run.await.unwrap().unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!(script.calls.load(Relaxed), 2);
    assert_eq!(world.items().await, ["si_sub_a_1 5"]);
}

async fn a_table_that_is_not_there_or_does_not_fit_fails_the_object(world: &World) {
    world.subscription("sub_a", &[1]);
    let reason = world.failure(Act::Items).await;
    let missing = "sync: `Item`: its table does not fit the struct:\n  placed_items: expected a table, found none";
    assert!(reason.starts_with(missing), "{reason}");
    assert_eq!(world.count("subscriptions").await, 0);

    world
        .run("CREATE TABLE placed_items (id VARCHAR(255) PRIMARY KEY)")
        .await;
    let reason = world.failure(Act::Items).await;
    assert!(
        reason.contains("placed_items.subscription: expected"),
        "{reason}"
    );
    assert_eq!(world.count("placed_items").await, 0);
}

async fn a_row_that_is_refused_is_named_with_its_column(world: &World) {
    world.subscription("sub_a", &[1, 13]);
    world.subscription("sub_b", &[2]);
    let syncer = world.syncer(&World::script(Act::Items));
    syncer.ensure_table::<Item>().await.unwrap();
    if let Pool::Sqlite(_) = world.database.pool {
        world
            .run(
                "CREATE TRIGGER no_thirteen BEFORE INSERT ON placed_items WHEN NEW.quantity = 13 \
                 BEGIN SELECT RAISE(ABORT, 'thirteen is refused'); END",
            )
            .await;
    } else {
        world
            .run("ALTER TABLE placed_items ADD CONSTRAINT no_thirteen CHECK (quantity <> 13)")
            .await;
    }
    let report = world.sync(Act::Items).await;
    assert_eq!((report.inserted, report.failed), (1, 1), "{report}");
    assert_eq!(report.failures[0].id, "sub_a");
    let reason = &report.failures[0].reason;
    assert!(reason.starts_with("sync: `Item` si_sub_a_2: "), "{reason}");
    assert_eq!(world.items().await, ["si_sub_b_1 2"]);
}

async fn a_row_of_another_account_or_with_hooks_is_refused(world: &World) {
    world.subscription("sub_a", &[1]);
    let syncer = world.syncer(&World::script(Act::Items));
    syncer.ensure_table::<OwnedItem>().await.unwrap();
    let reason = world.failure(Act::OwnedItems("acct_other")).await;
    assert_eq!(
        reason,
        "sync: `OwnedItem` si_sub_a_1: column `account`: expected that of the run, which `SyncContext::context` has, got \
         another"
    );
    let report = world.sync(Act::OwnedItems(ACCOUNT)).await;
    assert_eq!(report.inserted, 1, "{report}");
    assert_eq!(world.count("owned_items").await, 1);

    world.subscription("sub_b", &[1]);
    let report = world.sync(Act::ToldItems).await;
    let reason = &report.failures[0].reason;
    assert!(
        reason.starts_with("sync: `ToldItem` has the hook `after_commit`"),
        "{reason}"
    );
}

async fn a_statement_takes_values_of_every_type(world: &World) {
    world.subscription("sub_a", &[1]);
    let report = world.sync(Act::Values).await;
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    let nulls = "SELECT COUNT(*) FROM notes WHERE id = 'nulls' AND note IS NULL AND quantity IS NULL AND ratio IS NULL \
                 AND is_open IS NULL AND at IS NULL AND amount IS NULL AND bytes IS NULL AND doc IS NULL";
    assert_eq!(world.database.number(nulls).await, 1);
    let (second, third) = match world.database.pool {
        Pool::Sqlite(_) => ("unixepoch(at)", "json_extract(doc, '$.a[1]')"),
        Pool::Postgres(_) => ("extract(epoch FROM at)::bigint", "doc #>> '{a,1}'"),
        Pool::MySql(_) => ("FLOOR(UNIX_TIMESTAMP(at))", "JSON_VALUE(doc, '$.a[1]')"),
    };
    let full = format!(
        "SELECT COUNT(*) FROM notes WHERE id = 'sub_a' AND note = 'it''s' AND quantity = 8 AND ratio = 0.5 \
         AND is_open AND {second} = 1700000000 AND amount = 12.5 AND {third} = '?'"
    );
    assert_eq!(world.database.number(&full).await, 1);
}

async fn the_connection_is_that_of_the_database(world: &World) {
    world.subscription("sub_a", &[1]);
    let report = world.sync(Act::Connections).await;
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!(world.count("notes").await, 1);
}

async fn a_statement_with_other_values_is_not_sent(world: &World) {
    world.subscription("sub_a", &[1]);
    assert_eq!(
        world.failure(Act::TooFewValues).await,
        "sync: expected 1 values, one for each `?` of the statement, got 0"
    );
    assert_eq!(
        world.failure(Act::NumberedPlaceholder).await,
        "sync: expected `?`, got `?1`: placeholders have no numbers, values are taken in their order"
    );
    assert_eq!(world.count("subscriptions").await, 0);
}

/// The same on each database, also on those whose transaction would take more.
async fn a_refused_statement_fails_one_object_whatever_the_hook_makes_of_it(world: &World) {
    for is_ignored in [false, true] {
        world.run("DELETE FROM notes").await;
        for id in ["sub_a", "sub_b", "sub_c"] {
            if !is_ignored {
                world.subscription(id, &[1]);
            }
        }
        let report = world.sync(Act::Refused { is_ignored }).await;
        assert_eq!(report.failed, 1, "{report}");
        assert_eq!(report.failures[0].id, "sub_b");
        assert!(report.failures[0].reason.starts_with("sync: "));
        assert_eq!(world.count("notes").await, 2);
        assert_eq!(world.count("subscriptions").await, 2);
    }
}

on_each_database! {
    World, start, end:
    rows_of_another_model_are_written_as_its_own_runs_would
    a_newer_read_of_another_row_has_the_object_read_again
    a_table_that_is_not_there_or_does_not_fit_fails_the_object
    a_row_that_is_refused_is_named_with_its_column
    a_row_of_another_account_or_with_hooks_is_refused
    a_statement_takes_values_of_every_type
    the_connection_is_that_of_the_database
    a_statement_with_other_values_is_not_sent
    a_refused_statement_fails_one_object_whatever_the_hook_makes_of_it
}
