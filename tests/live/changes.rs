//! The stream of changes: what is told, in which order, from where, and for how long.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use stripe_sync::live::{
    ChangeKind, ChangePosition, Changes, HandlerDatabase, Live, LiveBuilder, Retention, RowChange,
};
use stripe_sync::{SyncError, reexport::sqlx};
use tokio::sync::Semaphore;

use super::database::Pool;
use super::service::{Customer, Service, deliver_all, process};

/// No change is waited for longer than this.
const LIMIT: Duration = Duration::from_secs(30);

fn keeping(service: &Service) -> Live {
    service.builder().record_changes(true).build().unwrap()
}

pub(crate) async fn bring(service: &Service, live: &Live) {
    deliver_all(service, live).await;
    process(live).await;
}

/// The next changes.
pub(crate) async fn next(changes: &mut Changes, number: usize) -> Vec<RowChange> {
    let next = changes.take(number).try_collect();
    let next = tokio::time::timeout(LIMIT, next).await;
    next.expect("changes are told").unwrap()
}

pub(crate) fn short(changes: &[RowChange]) -> Vec<(&str, &str, ChangeKind)> {
    changes
        .iter()
        .map(|change| (change.table.as_str(), change.id.as_str(), change.kind))
        .collect()
}

/// Makes a change that nothing follows, so that what was told before it is all there was.
async fn end(service: &Service, live: &Live) {
    let end = json!({"id": "cus_end"});
    service.fake.create("customer", end).unwrap();
    bring(service, live).await;
}

pub(crate) async fn a_subscriber_gets_each_change(service: &Service) {
    let live = keeping(service);
    // In another process: it has nothing of this one's but the database.
    let elsewhere = keeping(service);
    let mut here = live.changes(None).await.unwrap();
    let mut there = elsewhere.changes(None).await.unwrap();
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1", "name": "a"}))
        .unwrap();
    bring(service, &live).await;
    fake.update("cus_1", json!({"name": "b"})).unwrap();
    bring(service, &live).await;
    // Nothing is different: no change.
    let all = stripe_sync::live::EventFilter::new();
    assert!(live.replay(&all).await.unwrap() > 0);
    process(&live).await;
    fake.create("coupon", json!({"id": "co_1", "name": "a"}))
        .unwrap();
    bring(service, &live).await;
    for id in ["cus_1", "co_1"] {
        fake.delete(id).unwrap();
    }
    bring(service, &live).await;
    // No row was ever there: no change. Nor is a second deletion.
    fake.create("coupon", json!({"id": "co_2"})).unwrap();
    fake.delete("co_2").unwrap();
    bring(service, &live).await;
    live.replay(&all).await.unwrap();
    process(&live).await;
    end(service, &live).await;

    let told = next(&mut here, 6).await;
    let mut deleted = [
        ("customers", "cus_1", ChangeKind::Deleted),
        ("coupons", "co_1", ChangeKind::Deleted),
    ];
    // They are of different objects: both orders are right.
    if told[3].table == "coupons" {
        deleted.reverse();
    }
    assert_eq!(
        short(&told),
        [
            ("customers", "cus_1", ChangeKind::Inserted),
            ("customers", "cus_1", ChangeKind::Updated),
            ("coupons", "co_1", ChangeKind::Inserted),
            deleted[0],
            deleted[1],
            ("customers", "cus_end", ChangeKind::Inserted),
        ]
    );
    assert_eq!(next(&mut there, 6).await, told);
    let first = &told[0];
    assert_eq!(
        (first.model, first.object.as_str()),
        ("Customer", "customer")
    );
    assert_eq!(first.account, service.fake.id());
    assert!(!first.livemode && first.changed_at.timestamp() > 1_700_000_000);
    assert!(told.is_sorted_by(|a, b| a.position < b.position));
}

pub(crate) async fn a_subscription_goes_on_from_its_position(service: &Service) {
    let live = keeping(service);
    let fake = &service.fake;
    // Before the subscription.
    fake.create("customer", json!({"id": "cus_0"})).unwrap();
    bring(service, &live).await;
    let mut changes = live.changes(None).await.unwrap();
    let began = changes.position();
    for id in ["cus_1", "cus_2", "cus_3"] {
        fake.create("customer", json!({"id": id})).unwrap();
        bring(service, &live).await;
    }
    let first = next(&mut changes, 1).await.remove(0);
    assert_eq!(first.id, "cus_1");
    assert_eq!(changes.position(), first.position);
    drop(changes);

    // As a process does that was stopped meanwhile, which kept the position as a number.
    fake.create("customer", json!({"id": "cus_4"})).unwrap();
    bring(service, &live).await;
    let position = ChangePosition::from(i64::from(first.position));
    let ids = async |from: ChangePosition, number| {
        let mut changes = keeping(service).changes(from).await.unwrap();
        let changes = next(&mut changes, number).await;
        let ids: Vec<String> = changes.into_iter().map(|change| change.id).collect();
        ids.join(" ")
    };
    assert_eq!(ids(position, 3).await, "cus_2 cus_3 cus_4");
    assert_eq!(ids(began, 4).await, "cus_1 cus_2 cus_3 cus_4");
    let all = ids(ChangePosition::OLDEST, 5).await;
    assert_eq!(all, "cus_0 cus_1 cus_2 cus_3 cus_4");
}

/// Holds the transactions of an object open, until there are permits.
fn holding<D: HandlerDatabase>(
    builder: LiveBuilder,
    held: Arc<Semaphore>,
    go: Arc<Semaphore>,
) -> LiveBuilder {
    builder.in_transaction_boxed::<D, _>("customer.*", move |event, _| {
        let (held, go) = (Arc::clone(&held), Arc::clone(&go));
        Box::pin(async move {
            if event.object_id() == Some("cus_held") {
                held.add_permits(1);
                go.acquire().await?.forget();
            }
            Ok(())
        })
    })
}

/// The trap of every table that is read by an ascending number: the lower number commits last.
pub(crate) async fn a_change_that_commits_late_is_delivered(service: &Service) {
    let (held, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let builder = service.builder().record_changes(true);
    let (waiting, let_go) = (Arc::clone(&held), Arc::clone(&go));
    let live = match service.database.pool {
        // It has one transaction at a time.
        Pool::Sqlite(_) => return,
        Pool::Postgres(_) => holding::<sqlx::Postgres>(builder, held, go),
        Pool::MySql(_) => holding::<sqlx::MySql>(builder, held, go),
    };
    let live = live.build().unwrap();
    let mut changes = live.changes(None).await.unwrap();
    let began = changes.position();
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_held"})).unwrap();
    deliver_all(service, &live).await;
    let late = tokio::spawn({
        let live = live.clone();
        async move { process(&live).await }
    });
    waiting.acquire().await.unwrap().forget();

    // The number of the late one is taken by now, and these commit before it.
    let others = ["cus_1", "cus_2"];
    for id in others {
        fake.create("customer", json!({"id": id})).unwrap();
        bring(service, &live).await;
    }
    let early = next(&mut changes, 2).await;
    assert_eq!(
        early.iter().map(|change| &change.id).collect::<Vec<_>>(),
        others
    );
    let mut later = live.changes(early[1].position).await.unwrap();
    let_go.add_permits(1);
    late.await.unwrap();
    assert_eq!(next(&mut changes, 1).await[0].id, "cus_held");
    // Also by one who goes on from a position that was told before it.
    assert_eq!(next(&mut later, 1).await[0].id, "cus_held");

    // It was the trap: by its number it comes first.
    let sql = "SELECT seq FROM stripe_sync_changes WHERE object_id = ";
    let late = service.number(&format!("{sql}'cus_held'")).await;
    let early = service.number(&format!("{sql}'cus_2'")).await;
    assert!(late < early, "{late} is below {early}");
    end(service, &live).await;
    let mut again = live.changes(began).await.unwrap();
    let again = next(&mut again, 4).await;
    let ids: Vec<&str> = again.iter().map(|change| change.id.as_str()).collect();
    assert_eq!(ids, ["cus_1", "cus_2", "cus_held", "cus_end"]);
}

pub(crate) async fn many_get_all_in_the_order_of_each_object(service: &Service) {
    const PROCESSES: usize = 3;
    const ROUNDS: usize = 12;
    let processes: Vec<Live> = (0..PROCESSES).map(|_| keeping(service)).collect();
    let mut subscriptions = Vec::new();
    for live in &processes {
        subscriptions.push(live.changes(None).await.unwrap());
    }
    let collecting = subscriptions.into_iter().map(|changes| {
        tokio::spawn(async move {
            let until = changes.map(Result::unwrap);
            let until = until.take_while(|change| std::future::ready(change.id != "cus_end"));
            until.collect::<Vec<RowChange>>().await
        })
    });
    let collecting: Vec<_> = collecting.collect();
    let ids = service.fake.generate("customer", 6).unwrap();
    drop(service.fake.take_deliveries());
    for round in 0..ROUNDS {
        for id in &ids {
            let name = json!({"name": format!("{round}")});
            service.fake.update(id, name).unwrap();
        }
        deliver_all(service, &processes[0]).await;
        // A worker that finds nothing ends before those that are still at it.
        join_all(processes.iter().map(process)).await;
    }
    end(service, &processes[1]).await;
    service.assert_truth::<Customer>().await;

    let mut all = Vec::new();
    for collected in collecting {
        let told = tokio::time::timeout(LIMIT, collected).await;
        all.push(told.expect("all changes are told").unwrap());
    }
    assert!(
        all.iter().all(|told| *told == all[0]),
        "all are told the same"
    );
    let mut of_object: BTreeMap<&str, Vec<ChangeKind>> = BTreeMap::new();
    for change in &all[0] {
        of_object.entry(&change.id).or_default().push(change.kind);
    }
    assert_eq!(of_object.len(), ids.len());
    for kinds in of_object.values() {
        assert_eq!(kinds[0], ChangeKind::Inserted, "{kinds:?}");
        let rest = &kinds[1..];
        assert!(
            rest.iter().all(|kind| *kind == ChangeKind::Updated),
            "{kinds:?}"
        );
        assert!(kinds.len() <= ROUNDS);
    }
    let kept = "SELECT COUNT(*) FROM stripe_sync_changes";
    let kept = usize::try_from(service.number(kept).await).unwrap();
    assert_eq!(all[0].len() + 1, kept, "each once");
}

pub(crate) async fn a_subscriber_of_a_newer_database_gets_an_error(service: &Service) {
    let live = service.builder().record_changes(true).build().unwrap();
    // As after a backup was put in: what this position is of has never happened here.
    let ahead = ChangePosition::from(1_000_000);
    let mut changes = live.changes(ahead).await.unwrap();
    let error = tokio::time::timeout(LIMIT, changes.next()).await.unwrap();
    let error = error.unwrap().unwrap_err();
    assert!(
        matches!(error, SyncError::ChangesForgotten { .. }),
        "{error}"
    );
    let made = json!({"id": "co_1"});
    service.fake.create("coupon", made).unwrap();
    bring(service, &live).await;
    assert_eq!(next(&mut changes, 1).await[0].id, "co_1");
}

pub(crate) async fn a_subscriber_that_comes_too_late_gets_an_error(service: &Service) {
    let retention = Retention::default().changes(Duration::ZERO);
    let live = service.builder().record_changes(true).retention(retention);
    let live = live.build().unwrap();
    let began = live.changes(None).await.unwrap().position();
    service
        .fake
        .create("coupon", json!({"id": "co_1"}))
        .unwrap();
    bring(service, &live).await;
    let mut of_coupon = live.changes(began).await.unwrap();
    let position = next(&mut of_coupon, 1).await[0].position;
    service
        .fake
        .create("customer", json!({"id": "cus_1"}))
        .unwrap();
    bring(service, &live).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    live.purge_expired().await.unwrap();
    let kept = "SELECT COUNT(*) FROM stripe_sync_changes";
    assert_eq!(service.number(kept).await, 0);

    // Three who missed something, and three who did not.
    let only_coupons = Live::builder(service.syncer.clone())
        .model::<super::service::Coupon>()
        .record_changes(true)
        .build()
        .unwrap();
    let mut missed = vec![
        live.changes(began).await.unwrap(),
        live.changes(position).await.unwrap(),
        only_coupons.changes(began).await.unwrap(),
    ];
    let mut missed_nothing = vec![
        live.changes(ChangePosition::OLDEST).await.unwrap(),
        live.changes(None).await.unwrap(),
    ];
    // What was forgotten behind this position is of a model that is not its own.
    let mut of_coupons = only_coupons.changes(position).await.unwrap();
    for changes in &mut missed {
        let error = tokio::time::timeout(LIMIT, changes.next()).await.unwrap();
        let error = error.unwrap().unwrap_err();
        assert!(
            matches!(error, SyncError::ChangesForgotten { .. }),
            "{error}"
        );
    }
    end(service, &live).await;
    service
        .fake
        .create("coupon", json!({"id": "co_end"}))
        .unwrap();
    bring(service, &live).await;
    missed.truncate(2);
    missed_nothing.append(&mut missed);
    for changes in &mut missed_nothing {
        let told = next(changes, 2).await;
        assert_eq!(
            (told[0].id.as_str(), told[1].id.as_str()),
            ("cus_end", "co_end")
        );
    }
    assert_eq!(next(&mut of_coupons, 1).await[0].id, "co_end");
}

pub(crate) async fn changes_that_are_not_recorded_have_no_subscribers(service: &Service) {
    let live = service.live();
    let error = live.changes(None).await.unwrap_err();
    assert!(
        error.to_string().contains("record_changes(true)"),
        "{error}"
    );
    service.fake.create("customer", json!({})).unwrap();
    bring(service, &live).await;
    let kept = "SELECT COUNT(*) FROM stripe_sync_changes";
    assert_eq!(service.number(kept).await, 0);
}
