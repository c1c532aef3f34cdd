//! An account with the tables that the views read, and the views.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Map, Value, json};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, Model, Registry, SyncAllOptions, Syncer};
use stripe_sync_models::views;

use crate::database::{Database, Pool};

pub(crate) struct Views {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
    pub(crate) syncer: Syncer,
    pub(crate) kind: DatabaseKind,
    /// Prices and coupons with what the fake sends on request only, also after they were deleted.
    whole: Mutex<BTreeMap<String, Value>>,
}

/// The models of all views, and no others: tables take their time.
pub(crate) fn models() -> Registry {
    let all = stripe_sync_models::all();
    let of_views = |model: &&Model| {
        let mut models = views::all().into_iter().flat_map(|view| view.models());
        models.any(|of_view| of_view.name() == model.name())
    };
    let models: Vec<&'static Model> = all.models().filter(of_views).collect();
    all.only(&models)
}

impl Views {
    pub(crate) async fn start(kind: DatabaseKind) -> Self {
        Self::of(kind, models()).await
    }

    pub(crate) async fn of(kind: DatabaseKind, models: Registry) -> Self {
        let fake = FakeStripe::builder().seed(21).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store())
            .registry(models)
            .build();
        for (model, made) in syncer.ensure_models(syncer.registry()).await {
            made.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        }
        Self {
            fake,
            database,
            syncer,
            kind,
            whole: Mutex::default(),
        }
    }

    pub(crate) async fn end(self) {
        self.database.remove().await;
    }

    pub(crate) async fn sync(&self) {
        let options = SyncAllOptions::default();
        for (model, report) in self
            .syncer
            .sync_models(self.syncer.registry(), options)
            .await
        {
            let report = report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
            assert_eq!(report.failed, 0, "{report}");
        }
    }

    pub(crate) async fn execute(&self, sql: String) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql);
        match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Pool::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Pool::MySql(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        }
    }

    pub(crate) fn create(&self, object: &str, members: Value) -> Value {
        let made = self.fake.create(object, members.clone());
        made.unwrap_or_else(|error| panic!("{object} {members}: {error}"))
    }

    /// Creates an object of which some members are sent on request only.
    fn create_whole(&self, object: &str, members: Value) -> String {
        let mut made = self.create(object, members.clone());
        for member in ["tiers", "currency_options", "applies_to"] {
            if let Some(hidden) = members.get(member) {
                made[member] = hidden.clone();
            }
        }
        let id = made["id"].as_str().unwrap().to_owned();
        self.whole.lock().unwrap().insert(id.clone(), made);
        id
    }

    /// Creates a recurring price, of a month if nothing else is said.
    pub(crate) fn price(&self, members: Value) -> String {
        let recurring = json!({ "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": null, "trial_period_days": null } });
        self.create_whole("price", with(recurring, members))
    }

    /// A price that no list shows, and that was made so long ago that no event tells of it either.
    pub(crate) fn inline_price(&self, members: Value) -> String {
        let made = self.fake.create_unlisted("price", members).unwrap();
        for event in self.fake.events() {
            if event["data"]["object"]["id"] == made["id"] {
                self.fake
                    .forget_event(event["id"].as_str().unwrap())
                    .unwrap();
            }
        }
        made["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn coupon(&self, members: Value) -> String {
        self.create_whole("coupon", members)
    }

    /// A discount by a coupon, which a subscription or an item can have.
    pub(crate) fn discount(&self, coupon: &str, members: Value) -> String {
        let discount = json!({ "source": { "type": "coupon", "coupon": coupon }, "start": self.fake.now(), "end": null });
        let made = self.create("discount", with(discount, members));
        made["id"].as_str().unwrap().to_owned()
    }

    /// The price of an item, with what the tables know of it.
    pub(crate) fn price_of(&self, item: &Value) -> Value {
        let price = &item["price"];
        let whole = self.whole.lock().unwrap();
        let known = price["id"].as_str().and_then(|id| whole.get(id));
        known.unwrap_or(price).clone()
    }

    /// The coupon of a discount; null if the tables do not know it.
    pub(crate) fn coupon_of(&self, discount: &Value) -> Value {
        let Some(id) = discount["source"]["coupon"].as_str() else {
            return discount["coupon"].clone();
        };
        let whole = self.whole.lock().unwrap();
        whole
            .get(id)
            .cloned()
            .or_else(|| self.fake.get(id))
            .unwrap_or_default()
    }

    pub(crate) fn customer_discount(&self, customer: &Value) -> Value {
        let customer = customer.as_str().and_then(|id| self.fake.get(id));
        customer.unwrap_or_default()["discount"].take()
    }

    /// The tables will never know of it: it was deleted before the first run.
    pub(crate) fn forget(&self, id: &str) {
        self.whole.lock().unwrap().remove(id);
    }

    pub(crate) fn subscription(&self, members: Value) -> String {
        let made = self.create("subscription", members);
        made["id"].as_str().unwrap().to_owned()
    }
}

/// Members over others.
fn with(members: Value, others: Value) -> Value {
    let (mut members, others): (Map<String, Value>, Map<String, Value>) = (
        serde_json::from_value(members).unwrap(),
        serde_json::from_value(others).unwrap(),
    );
    members.extend(others);
    Value::Object(members)
}
