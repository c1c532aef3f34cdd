//! `status`.

use crate::following;
use crate::on_each_database;
use crate::snapshot;
use crate::stage::{Stage, summary};

on_each_database! { tables_and_events_are_shown }

async fn tables_and_events_are_shown(stage: Stage) -> Stage {
    stage.succeed(&["sync"]).await;
    let shown = stage.succeed(&["status"]).await;
    snapshot::assert(&stage, "status", &shown);
    let records = stage.records(&["status", "--max-lag", "60s"]).await;
    assert_eq!(summary(&records)["healthy"], true);
    assert_eq!(
        records
            .iter()
            .filter(|record| record["type"] == "table")
            .count(),
        6
    );

    // An event that nobody processes waits.
    following::deliver_nothing_and_fetch(&stage).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let late = stage.call(&["status", "--max-lag", "1s"]).await;
    assert_eq!(late.code, 3, "{late:?}");
    assert!(late.err.contains("does the service run?"), "{late:?}");
    assert_eq!(stage.call(&["status"]).await.code, 0);
    stage
}
