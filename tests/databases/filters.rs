//! A table with a filter is the filtered list: rows leave, what never matched has none, and another filter is refused.

use serde_json::json;
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::{
    IdOutcome, Registry, StoreError, StripeObject, SyncAllOptions, SyncError, Syncer,
};

use super::filtered::{Active, All, Hard, Monthly, PastDue, Price, Secret, Stage, changed};

async fn rows_leave_and_what_never_matched_has_none(stage: &Stage) {
    let run = stage.run.as_str();
    let statuses = [("active", 130), ("past_due", 3), ("trialing", 2)];
    stage.subscriptions(run, &statuses);
    let report = stage.syncer.sync_all::<Active>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (130, 0), "{report}");
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));

    let [canceled, late, by_id, back] = [0, 1, 2, 3].map(|n| format!("sub_{run}active_{n}"));
    let never = format!("sub_{run}past_due_0");
    stage.fake.cancel_subscription(&canceled).unwrap();
    stage.set(&late, json!({"status": "past_due"}));
    stage.set(&by_id, json!({"status": "paused"}));
    let ids = [by_id.clone(), never.clone(), back.clone()];
    let report = stage.syncer.sync_by_ids::<Active>(ids).await.unwrap();
    assert_eq!(report.outcome(&by_id), Some(&IdOutcome::OutsideFilter));
    assert_eq!(report.outcome(&never), Some(&IdOutcome::OutsideFilter));
    assert_eq!(report.outcome(&back), Some(&IdOutcome::Unchanged));
    let counts = (report.left, report.outside, report.failed, report.deleted);
    assert_eq!(counts, (1, 1, 0, 0), "{report}");
    assert_eq!(changed(&by_id), ["inserted", "left"]);

    let report = stage.syncer.sync_all::<Active>().await.unwrap();
    assert_eq!(report.left, 2, "{report}");
    assert_eq!(
        (report.deleted, report.unlisted, report.failed),
        (0, 0, 0),
        "{report}"
    );
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));
    assert_eq!(changed(&late), ["inserted", "left"]);
    assert_eq!(stage.remarks().await, Vec::<String>::new());
    // Marked, and not removed.
    let marked = "SELECT id FROM subscriptions WHERE stripe_deleted_at IS NOT NULL";
    assert_eq!(stage.texts(marked).await.len(), 3);
    let report = stage.syncer.sync_all::<Active>().await.unwrap();
    assert_eq!((report.left, report.written()), (0, 0), "{report}");

    stage.set(&late, json!({"status": "active"}));
    stage.set(&never, json!({"status": "active"}));
    let ids = [late.clone(), never.clone()];
    let report = stage.syncer.sync_by_ids::<Active>(ids).await.unwrap();
    assert_eq!(report.outcome(&late), Some(&IdOutcome::Updated));
    assert_eq!(report.outcome(&never), Some(&IdOutcome::Inserted));
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));

    // An object in hand.
    let token = stage.syncer.start_read().await.unwrap();
    stage.set(&late, json!({"status": "unpaid"}));
    let object = stage.fake.get(&late).unwrap().to_string();
    let object = StripeObject::from_json(object).unwrap();
    let outcome = stage.syncer.sync::<Active>(object.read_since(token)).await;
    assert_eq!(outcome.unwrap(), IdOutcome::OutsideFilter);
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));

    // An older read of what has left since inserts nothing.
    let old = format!("sub_{run}trialing_0");
    let token = stage.syncer.start_read().await.unwrap();
    let mut object = stage.fake.get(&old).unwrap();
    object["status"] = "active".into();
    let object = StripeObject::from_json(object.to_string()).unwrap();
    let found = stage.syncer.sync_by_ids::<Active>([&old]).await.unwrap();
    assert_eq!(found.outcome(&old), Some(&IdOutcome::OutsideFilter));
    let outcome = stage.syncer.sync::<Active>(object.read_since(token)).await;
    assert_eq!(outcome.unwrap(), IdOutcome::OutsideFilter);
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));
}

async fn the_last_row_leaves_and_a_removed_one_stays_away(stage: &Stage) {
    let run = stage.run.as_str();
    stage.subscriptions(run, &[("active", 2)]);
    assert_eq!(stage.syncer.sync_all::<Hard>().await.unwrap().inserted, 2);
    let [first, second] = [0, 1].map(|n| format!("sub_{run}active_{n}"));
    stage.set(&first, json!({"collection_method": "send_invoice"}));
    stage.set(&second, json!({"status": "canceled"}));
    // The list shows nothing by now; what the rows' objects say is that it is the account's.
    let report = stage.syncer.sync_all::<Hard>().await.unwrap();
    assert_eq!((report.left, report.unconfirmed), (2, 0), "{report}");
    assert_eq!(
        stage.texts("SELECT id FROM gone").await,
        Vec::<String>::new()
    );
    stage.set(&first, json!({"collection_method": "charge_automatically"}));
    let report = stage.syncer.sync_by_ids::<Hard>([&first]).await.unwrap();
    assert_eq!(report.outcome(&first), Some(&IdOutcome::Inserted));
    assert_eq!(stage.remarks().await, [second]);
}

async fn only_the_list_brings_rows_in(stage: &Stage) {
    let price = |id: &str, key: Option<&str>| {
        let new = json!({"id": id, "lookup_key": key, "nickname": "a", "active": true});
        stage.fake.create("price", new).unwrap();
    };
    price("price_gold", Some("gold"));
    price("price_silver", Some("silver"));
    price("price_none", None);
    let report = stage.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 0), "{report}");
    assert_eq!(
        stage.queries("/v1/prices"),
        ["true", "false"]
            .map(|active| format!("active={active}&lookup_keys[]=gold&lookup_keys[]=silver"))
            .into()
    );

    stage.set("price_gold", json!({"nickname": "b"}));
    stage.set("price_silver", json!({"lookup_key": null, "nickname": "b"}));
    stage.set("price_none", json!({"lookup_key": "gold"}));
    let ids = ["price_gold", "price_silver", "price_none"];
    let report = stage.syncer.sync_by_ids::<Price>(ids).await.unwrap();
    let outcomes = ids.map(|id| report.outcome(id).cloned().unwrap());
    // What is in the table is kept up to date, wherever it is; a read does not say that it left.
    assert_eq!(
        outcomes,
        [
            IdOutcome::Updated,
            IdOutcome::Updated,
            IdOutcome::OutsideFilter
        ]
    );
    assert_eq!(stage.ids("prices").await.len(), 2);

    stage.fake.reset_requests();
    let report = stage.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!(
        (report.left, report.inserted, report.deleted),
        (1, 1, 0),
        "{report}"
    );
    let there = ["price_gold", "price_none"].map(str::to_owned);
    assert_eq!(stage.ids("prices").await, there.into());
    // Nothing had to be confirmed; what events told of was read again.
    let reads = stage.fake.requests().into_iter();
    let reads = reads.filter(|request| request.endpoint == "/v1/prices/{id}");
    assert_eq!(reads.count() as u64, report.replayed);

    // What left is not brought back by a read.
    let report = stage.syncer.sync_by_ids::<Price>(["price_silver"]).await;
    let report = report.unwrap();
    assert_eq!(
        report.outcome("price_silver"),
        Some(&IdOutcome::OutsideFilter)
    );
    stage.set("price_silver", json!({"lookup_key": "silver"}));
    let report = stage.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.updated, report.left), (1, 0), "{report}");
    assert_eq!(stage.ids("prices").await.len(), 3);
}

async fn another_filter_is_refused_and_can_be_taken(stage: &Stage) {
    let run = stage.run.as_str();
    stage.subscriptions(run, &[("active", 3), ("past_due", 2), ("paused", 1)]);
    let syncer = &stage.syncer;
    // Without rows, any filter is taken.
    assert_eq!(syncer.sync_all::<All>().await.unwrap().inserted, 6);
    let refused = |error: SyncError, words: [&str; 2]| {
        let text = error.to_string();
        let is = matches!(error, SyncError::Store(StoreError::WrongFilter { .. }));
        assert!(is && words.iter().all(|word| text.contains(word)), "{text}");
    };
    let words = ["no filter", "`status=active`"];
    refused(syncer.sync_all::<Active>().await.unwrap_err(), words);
    let by_id = syncer.sync_by_ids::<Active>([format!("sub_{run}active_0")]);
    refused(by_id.await.unwrap_err(), words);
    assert_eq!(stage.ids("subscriptions").await.len(), 6);

    let change = SyncAllOptions::default().change_filter(true);
    let report = syncer.sync_all_with::<Active>(change).await.unwrap();
    assert_eq!((report.left, report.unchanged), (3, 3), "{report}");
    assert_eq!(stage.ids("subscriptions").await, stage.of("active"));
    syncer.sync_all::<Active>().await.unwrap();
    refused(syncer.sync_all::<All>().await.unwrap_err(), words);
    let words = ["`status=active`", "`status=past_due`"];
    refused(syncer.sync_all::<PastDue>().await.unwrap_err(), words);

    // A run that Stripe refuses changes nothing.
    let key = stage.fake.add_restricted_key(["customer"]).unwrap();
    let stripe = stripe_sync::Stripe::builder(key)
        .base_url(stage.fake.base_url())
        .build()
        .unwrap();
    let known = stage
        .texts("SELECT account FROM stripe_sync_tables LIMIT 1")
        .await;
    let poor = Syncer::builder(stripe, stage.database.store())
        .account(known[0].as_str(), false)
        .build();
    poor.sync_all_with::<PastDue>(change).await.unwrap_err();
    syncer.sync_all::<Active>().await.unwrap();

    let report = syncer.sync_all_with::<PastDue>(change).await.unwrap();
    assert_eq!((report.left, report.updated), (3, 2), "{report}");
    assert_eq!(stage.ids("subscriptions").await, stage.of("past_due"));
}

async fn two_filters_in_one_table_are_refused(stage: &Stage) {
    let run = stage.run.as_str();
    stage.subscriptions(run, &[("active", 1)]);
    let registry = Registry::new().model::<Active>().model::<PastDue>();
    for (_, result) in stage
        .syncer
        .sync_models(&registry, SyncAllOptions::default())
        .await
    {
        let error = result.unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, SyncError::FiltersDiffer { .. })
                && text.contains("`status=active`")
                && text.contains("`status=past_due`"),
            "{text}"
        );
    }
    let syncer = Syncer::builder(stage.fake.stripe().unwrap(), stage.database.store())
        .registry(&registry)
        .build();
    let error = syncer.sync_all::<Active>().await.unwrap_err();
    assert!(matches!(error, SyncError::FiltersDiffer { .. }), "{error}");
    assert_eq!(stage.ids("subscriptions").await.len(), 0);
}

async fn hashes_are_sent_as_stripe_takes_them(stage: &Stage) {
    for (id, interval) in [("price_m", "month"), ("price_y", "year")] {
        let recurring =
            json!({"interval": interval, "interval_count": 1, "usage_type": "licensed"});
        let new = json!({"id": id, "recurring": recurring, "type": "recurring", "active": true});
        stage.fake.create("price", new).unwrap();
    }
    let once = json!({"id": "price_o", "recurring": null, "type": "one_time"});
    stage.fake.create("price", once).unwrap();
    let report = stage.syncer.sync_all::<Monthly>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!(
        stage.queries("/v1/prices"),
        ["active=true&recurring[interval]=month".to_owned()].into()
    );
    let ids = ["price_m", "price_y", "price_o"];
    let report = stage.syncer.sync_by_ids::<Monthly>(ids).await.unwrap();
    assert_eq!((report.unchanged, report.outside), (1, 2), "{report}");

    for (id, scope) in [
        ("appsecret_1", json!({"type": "account"})),
        ("appsecret_2", json!({"type": "user", "user": "usr_1"})),
    ] {
        let new = json!({"id": id, "name": id, "scope": scope, "deleted": false});
        stage.fake.create("apps.secret", new).unwrap();
    }
    let report = stage.syncer.sync_all::<Secret>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!(
        stage.queries("/v1/apps/secrets"),
        ["scope[type]=account".to_owned()].into()
    );
}

on_each_database! {
    Stage, new, end:
    rows_leave_and_what_never_matched_has_none
    the_last_row_leaves_and_a_removed_one_stays_away
    only_the_list_brings_rows_in
    another_filter_is_refused_and_can_be_taken
    two_filters_in_one_table_are_refused
    hashes_are_sent_as_stripe_takes_them
}
