//! A fake Stripe, a database with the tables of parents and of their children, and the comparison.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::live::Live;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, without_secrets};
use stripe_sync::{ChildReport, DatabaseKind, IdsReport, Json, Report, StripeSync, Syncer};

use crate::database::Database;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub(crate) struct Subscription {
    id: String,
    status: String,
    #[stripe(children)]
    items: Vec<Item>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items")]
pub(crate) struct Item {
    id: String,
    #[stripe(parent)]
    subscription: String,
    quantity: Option<i64>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
pub(crate) struct Invoice {
    id: String,
    status: Option<String>,
    total: i64,
    #[stripe(children)]
    lines: Vec<Line>,
}

/// The rows of lines that are gone are gone.
#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lines_of_invoices", on_delete = hard)]
pub(crate) struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    amount: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

pub(crate) struct Stage {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
    pub(crate) syncer: Syncer,
    pub(crate) live: Live,
}

impl Stage {
    pub(crate) async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(190).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Subscription>().await.unwrap();
        syncer.ensure_table::<Invoice>().await.unwrap();
        let live = Live::builder(syncer.clone()).model::<Subscription>();
        let live = live.model::<Invoice>().build().unwrap();
        Self {
            fake,
            database,
            syncer,
            live,
        }
    }

    pub(crate) async fn end(self) {
        self.database.remove().await;
    }

    /// Copies of an object with so many elements each, of long ago; the original has one.
    pub(crate) fn copies(
        &self,
        object: &str,
        given: Value,
        member: &str,
        lengths: impl IntoIterator<Item = usize>,
    ) -> Vec<String> {
        let original = self.fake.create(object, given).unwrap();
        let original = original["id"].as_str().unwrap();
        self.fake.advance(DAY);
        let copies = self.fake.copies(original, member, lengths).unwrap();
        self.fake.advance(DAY);
        copies
    }

    pub(crate) async fn sync_all<M: StripeSync>(&self) -> Report {
        let report = self.syncer.sync_all::<M>().await.unwrap();
        println!("{report}");
        assert_eq!(report.failed, 0, "{report}");
        report
    }

    pub(crate) async fn sync_by_ids<M: StripeSync>(&self, ids: &[String]) -> IdsReport {
        let report = self.syncer.sync_by_ids::<M>(ids).await.unwrap();
        println!("{}", report.report);
        report
    }

    /// Reads what happened since the last call, and processes it.
    pub(crate) async fn follow(&self) {
        self.fake.advance(Duration::from_secs(60));
        self.live.catch_up().await.unwrap();
        let processed = self.live.drain().await.unwrap();
        assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    }

    /// The table of a model with whole objects has what Stripe has, and nothing else.
    pub(crate) async fn assert_truth<M: StripeSync>(&self) {
        let truth = self.fake.truth(M::MODEL.object()).into_iter();
        let truth: BTreeMap<String, Value> = truth
            .map(without_secrets)
            .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
            .collect();
        let rows = self.database.rows(&M::MODEL.table()).await;
        let missing = truth.keys().filter(|id| !rows.contains_key(*id)).count();
        let surplus = rows.keys().filter(|id| !truth.contains_key(*id)).count();
        assert_eq!((missing, surplus), (0, 0), "of {} rows", truth.len());
        for (id, object) in &truth {
            assert_eq!(&rows[id], object);
        }
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    /// How many requests an endpoint got since the last `reset_requests`.
    pub(crate) fn requests(&self, endpoint: &str) -> usize {
        let requests = self.fake.requests();
        let of = requests.iter().filter(|one| one.endpoint == endpoint);
        of.count()
    }
}

/// What a run did with the rows of a child model.
pub(crate) fn child<M: StripeSync>(report: &Report) -> &ChildReport {
    let child = report.child(M::MODEL.name());
    child.unwrap_or_else(|| panic!("no {} in {report}", M::MODEL.name()))
}

/// A draft with one line.
pub(crate) fn draft() -> Value {
    json!({"status": "draft", "lines": [{"amount": 100}]})
}
