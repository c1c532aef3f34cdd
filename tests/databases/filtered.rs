//! A stage with filtered models, for the tests of filters.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::json;
use stripe_sync::hooks::Change;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{Context, DatabaseKind, StripeSync, Syncer};

use super::database::Database;

/// What the hooks were told, by the id of the row.
static TOLD: Mutex<Vec<(String, &str)>> = Mutex::new(Vec::new());

fn tell<M>(change: &Change<M>, id: impl Fn(&M) -> &String) {
    let (row, kind) = match change {
        Change::Inserted { after, .. } => (after, "inserted"),
        Change::Updated { after, .. } => (after, "updated"),
        Change::Deleted { before, .. } => (before, "deleted"),
        Change::LeftFilter { before, .. } => (before, "left"),
        _ => return,
    };
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.push((id(row).clone(), kind));
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", filter(status = "active"), after_commit = told)]
pub(crate) struct Active {
    id: String,
    status: String,
}

fn told(change: Change<Active>, _: &Context) {
    tell(&change, |row| &row.id);
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "past_due")
)]
pub(crate) struct PastDue {
    id: String,
    status: String,
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "all")
)]
pub(crate) struct All {
    id: String,
    status: String,
}

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "gone",
    filter(status = "active", collection_method = "charge_automatically"),
    on_delete = hard
)]
pub(crate) struct Hard {
    id: String,
}

/// Only its list says which prices are in it.
#[derive(StripeSync)]
#[stripe(object = "price", table = "prices", filter(lookup_keys = ["gold", "silver"]))]
pub(crate) struct Price {
    id: String,
    nickname: Option<String>,
}

#[derive(StripeSync)]
#[stripe(
    object = "price",
    table = "monthly",
    filter(recurring.interval = "month", active = true)
)]
pub(crate) struct Monthly {
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "apps.secret", table = "secrets", filter(scope.type = "account"))]
pub(crate) struct Secret {
    id: String,
    name: String,
}

pub(crate) struct Stage {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
    pub(crate) syncer: Syncer,
    /// The beginning of its objects' ids: the hooks of all databases are told in one place.
    pub(crate) run: String,
}

impl Stage {
    pub(crate) async fn new(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(3).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Active>().await.unwrap();
        syncer.ensure_table::<Hard>().await.unwrap();
        syncer.ensure_table::<Price>().await.unwrap();
        syncer.ensure_table::<Monthly>().await.unwrap();
        syncer.ensure_table::<Secret>().await.unwrap();
        fake.create("customer", json!({"id": "cus_1"})).unwrap();
        Self {
            fake,
            database,
            syncer,
            run: format!("{kind:?}_").to_lowercase(),
        }
    }

    pub(crate) async fn end(self) {
        self.database.remove().await;
    }

    /// Makes subscriptions; their ids begin with the name of their status.
    pub(crate) fn subscriptions(&self, run: &str, statuses: &[(&str, usize)]) {
        for (status, count) in statuses {
            for number in 0..*count {
                let id = format!("sub_{run}{status}_{number}");
                let new = json!({
                    "id": id, "status": status, "customer": "cus_1",
                    "collection_method": "charge_automatically"
                });
                self.fake.create("subscription", new).unwrap();
            }
        }
    }

    pub(crate) async fn ids(&self, table: &str) -> BTreeSet<String> {
        let sql = format!("SELECT id FROM {table} WHERE stripe_deleted_at IS NULL");
        self.texts(&sql).await.into_iter().collect()
    }

    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        self.database
            .texts(sql)
            .await
            .into_iter()
            .flatten()
            .collect()
    }

    /// What is remembered of objects without rows: their tombstones and failures.
    pub(crate) async fn remarks(&self) -> Vec<String> {
        self.texts("SELECT id FROM stripe_sync_objects ORDER BY id")
            .await
    }

    /// What Stripe has in a status.
    pub(crate) fn of(&self, status: &str) -> BTreeSet<String> {
        let truth = self.fake.truth("subscription").into_iter();
        let of_status = truth.filter(|object| object["status"] == status);
        of_status
            .map(|object| object["id"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn set(&self, id: &str, member: serde_json::Value) {
        self.fake.update(id, member).unwrap();
    }

    /// The queries that a list was asked with, without paging.
    pub(crate) fn queries(&self, path: &str) -> BTreeSet<String> {
        let requests = self.fake.requests().into_iter();
        requests
            .filter(|request| request.path == path)
            .map(|request| {
                let query = request.query.split('&');
                let own = query.filter(|pair| {
                    !pair.starts_with("limit=") && !pair.starts_with("starting_after=")
                });
                own.map(|pair| pair.replace("%5B", "[").replace("%5D", "]"))
                    .collect::<Vec<_>>()
                    .join("&")
            })
            .collect()
    }
}

pub(crate) fn changed(id: &str) -> Vec<&'static str> {
    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let of_id = told.iter().filter(|(known, _)| known == id);
    of_id.map(|(_, kind)| *kind).collect()
}
