//! A platform with connected accounts, and tables that tell accounts apart.

use std::collections::BTreeMap;

use serde_json::Value;
use stripe_sync::live::{Live, LiveBuilder};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeAccount, FakeEndpoint};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync};

use super::database::Pool;
use super::service::{Service, URL, deliver};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "account_customers")]
pub(crate) struct AccountCustomer {
    #[stripe(account)]
    account: String,
    id: String,
    name: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "account_coupons", on_delete = hard)]
pub(crate) struct AccountCoupon {
    #[stripe(account)]
    account: String,
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "account_subscriptions")]
pub(crate) struct AccountSubscription {
    #[stripe(account)]
    account: String,
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A platform and two accounts that are connected to it.
pub(crate) struct Platform<'s> {
    pub(crate) service: &'s Service,
    pub(crate) a: FakeAccount,
    pub(crate) b: FakeAccount,
    endpoint: FakeEndpoint,
}

impl<'s> Platform<'s> {
    pub(crate) async fn start(service: &'s Service) -> Self {
        let (fake, syncer) = (&service.fake, &service.syncer);
        syncer.ensure_table::<AccountCustomer>().await.unwrap();
        syncer.ensure_table::<AccountCoupon>().await.unwrap();
        syncer.ensure_table::<AccountSubscription>().await.unwrap();
        let endpoint = fake.webhook_endpoint(URL).events(["*"]).connect();
        Self {
            service,
            a: fake.add_connected_account("acct_a").unwrap(),
            b: fake.add_connected_account("acct_b").unwrap(),
            endpoint: endpoint.create().unwrap(),
        }
    }

    /// The service of a process, with everything but handlers.
    pub(crate) fn builder(&self) -> LiveBuilder {
        self.secrets(Live::builder(self.service.syncer.clone()))
            .model::<AccountCustomer>()
            .model::<AccountCoupon>()
            .model::<AccountSubscription>()
    }

    pub(crate) fn secrets(&self, builder: LiveBuilder) -> LiveBuilder {
        builder
            .secret(WebhookSecret::new(&self.service.endpoint.secret).unwrap())
            .secret(WebhookSecret::new(&self.endpoint.secret).unwrap())
    }

    pub(crate) fn all(&self) -> [&FakeAccount; 3] {
        [&self.service.fake, &self.a, &self.b]
    }

    /// Delivers all that is due.
    pub(crate) async fn deliver(&self, live: &Live) {
        for delivery in self.service.fake.take_deliveries() {
            assert_eq!(deliver(live, &delivery).await, 200);
        }
    }

    /// The rows that are not marked, by account and id.
    pub(crate) async fn rows(&self, table: &str) -> BTreeMap<(String, String), Value> {
        let select = |object: &str| {
            AssertSqlSafe(format!(
                "SELECT account, id, {object} FROM {table} WHERE stripe_deleted_at IS NULL"
            ))
        };
        let rows: Vec<(String, String, String)> = match &self.service.database.pool {
            Pool::Sqlite(pool) => sqlx::query_as(select("object")).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_as(select("object::text")).fetch_all(pool).await,
            Pool::MySql(pool) => {
                let select = select("CAST(object AS CHAR)");
                sqlx::query_as(select).fetch_all(pool).await
            }
        }
        .unwrap();
        rows.into_iter()
            .map(|(account, id, object)| ((account, id), serde_json::from_str(&object).unwrap()))
            .collect()
    }

    /// Every object of each account is in the table as Stripe has it, and nothing else is.
    pub(crate) async fn assert_truth<M: StripeSync>(&self) {
        let mut truth = BTreeMap::new();
        for account in self.all() {
            for object in account.truth(M::MODEL.object()) {
                let id = object["id"].as_str().unwrap().to_owned();
                truth.insert((account.id().to_owned(), id), object);
            }
        }
        assert_eq!(self.rows(&M::MODEL.table()).await, truth);
    }

    /// As whom an endpoint was asked, by the fake's log.
    pub(crate) fn asked_as(&self, endpoint: &str) -> Vec<String> {
        let requests = self.service.fake.requests();
        let of = requests.into_iter();
        of.filter(|request| request.endpoint == endpoint)
            .map(|request| request.account)
            .collect()
    }
}
