//! Positions of changes, while many write and many read.

use std::time::Duration;

use crate::store::tests::db::begun::Begun;
use crate::store::tests::world::World;

const WRITERS: usize = 4;
const READERS: usize = 4;
const CHANGES: usize = 25;

/// Each reader goes on from the last position that it saw, and each meets every change once, in the same order.
pub(crate) async fn whoever_reads_by_position_misses_no_change(world: &World) {
    world.store.prepare().await.unwrap();
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let store = world.store.clone();
        writers.push(tokio::spawn(async move {
            for number in 0..CHANGES {
                // SQLite says that it is busy.
                let mut transaction = loop {
                    match Begun::new(&store).await {
                        Ok(transaction) => break transaction,
                        Err(error) => assert!(store.kind().dialect().locks_by_asking, "{error}"),
                    }
                };
                let insert = format!(
                    "INSERT INTO stripe_sync_changes (account, livemode, table_name, object, object_id, kind, changed_at) \
                     VALUES ('acct_1', FALSE, 'customers', 'customer', '{writer}.{number}', 0, 0)"
                );
                transaction.conn().run(insert).await.unwrap();
                // Some commit at once, and some after others that began later.
                if !store.kind().dialect().locks_by_asking && number % 3 == 0 {
                    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..15))).await;
                }
                transaction.commit().await.unwrap();
                tokio::task::yield_now().await;
            }
        }));
    }
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let store = world.store.clone();
        readers.push(tokio::spawn(async move {
            let mut read: Vec<(i64, String)> = Vec::new();
            while read.len() < WRITERS * CHANGES {
                store.order_changes().await.unwrap();
                let behind = read.last().map_or(0, |(position, _)| *position);
                let changes = store.changes_behind(false, behind, 7).await.unwrap();
                read.extend(
                    changes
                        .into_iter()
                        .map(|change| (change.position, change.id)),
                );
            }
            read
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let mut all = Vec::new();
    for reader in readers {
        let read = tokio::time::timeout(Duration::from_secs(30), reader).await;
        all.push(read.expect("no change is missed").unwrap());
    }
    assert!(all.iter().all(|read| *read == all[0]));
    assert!(all[0].is_sorted_by(|(a, _), (b, _)| a < b));
    let mut ids: Vec<&str> = all[0].iter().map(|(_, id)| id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), WRITERS * CHANGES);
    // Of one writer, as of one object, each began after the one before was committed.
    for writer in 0..WRITERS {
        let own = format!("{writer}.");
        let numbers = all[0].iter().filter_map(|(_, id)| id.strip_prefix(&own));
        let numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap()).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}
