//! SQL views over the tables: who subscribes to what for how much, customers and their money, the balance, and failed payments.
//!
//! Nothing creates a view by itself. A migration does, with the statement that [`View::create_sql`] returns:
//!
//! ```
//! # #[cfg(feature = "billing")] {
//! use stripe_sync::{DatabaseKind, Registry};
//! use stripe_sync_models::views::{ACTIVE_SUBSCRIPTIONS, ViewError};
//!
//! fn statements(models: &Registry, database: DatabaseKind) -> Result<[String; 2], ViewError> {
//!     let view = &ACTIVE_SUBSCRIPTIONS;
//!     Ok([view.drop_sql(models, database)?, view.create_sql(models, database)?])
//! }
//! # }
//! ```
#![doc = include_str!("docs/views.md")]

mod error;
mod placed;

use stripe_sync::{DatabaseKind, Model, Registry, TableName};

pub use self::error::ViewError;

/// A view, which a migration creates.
///
/// Its definition never changes: a change is a view of the next version, which stands beside this one.
#[derive(Debug)]
pub struct View {
    name: &'static str,
    version: u32,
    /// The ready-made models of the tables that it reads. It stands beside the first one's.
    models: &'static [&'static Model],
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

/// Declares a view, whose statements are in the files of its name and version.
macro_rules! view {
    ($(#[$attribute:meta])* $constant:ident = $name:literal, $version:literal, [$($model:ident),* $(,)?]) => {
        $(#[$attribute])*
        pub static $constant: View = View {
            name: $name,
            version: $version,
            models: &[$(<crate::$model as stripe_sync::StripeSync>::MODEL),*],
            sqlite: include_str!(concat!("../views/sqlite/", $name, ".v", $version, ".sql")),
            postgres: include_str!(concat!("../views/postgres/", $name, ".v", $version, ".sql")),
            mysql: include_str!(concat!("../views/mysql/", $name, ".v", $version, ".sql")),
        };
    };
}

view! {
    /// Subscriptions that are active, with the amount that each brings in a month.
    #[cfg(feature = "billing")]
    ACTIVE_SUBSCRIPTIONS = "active_subscriptions", 1,
    [Subscription, SubscriptionItem, Price, PriceTier, Coupon, Customer]
}

view! {
    /// Customers, with what each has paid, got back and owes in each currency.
    #[cfg(all(feature = "billing", feature = "payments"))]
    CUSTOMER_OVERVIEW = "customer_overview", 1,
    [Customer, Charge, Refund, Invoice, Subscription]
}

view! {
    /// The transactions of the account's balance, each with the balance after it.
    #[cfg(feature = "payments")]
    BALANCE_LEDGER = "balance_ledger", 1,
    [BalanceTransaction, Payout]
}

view! {
    /// Payments that failed and have not been paid since.
    #[cfg(all(feature = "billing", feature = "payments"))]
    FAILED_PAYMENTS = "failed_payments", 1,
    [PaymentIntent, Charge, Invoice, InvoicePayment]
}

/// Returns the views over the tables of the features that are on.
#[must_use]
#[allow(clippy::vec_init_then_push, reason = "no feature may be on")]
pub fn all() -> Vec<&'static View> {
    #[allow(unused_mut, reason = "no feature may be on")]
    let mut views: Vec<&'static View> = Vec::new();
    #[cfg(feature = "billing")]
    views.push(&ACTIVE_SUBSCRIPTIONS);
    #[cfg(feature = "payments")]
    views.push(&BALANCE_LEDGER);
    #[cfg(all(feature = "billing", feature = "payments"))]
    views.extend([&CUSTOMER_OVERVIEW, &FAILED_PAYMENTS]);
    views
}

impl View {
    /// Returns the name without the version: `active_subscriptions`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the version, with which the name in the database ends: `active_subscriptions_v1`.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Returns the models whose tables it reads. A registry may have others of the same resources in their place.
    #[must_use]
    pub const fn models(&self) -> &'static [&'static Model] {
        self.models
    }

    /// Returns the name of the view in a database. It is in the schema of the first of its [models](Self::models), and has the
    /// prefix of that table: `stripe.active_subscriptions_v1`, or `stripe_active_subscriptions_v1`.
    ///
    /// # Errors
    /// A model is not in the registry, or the database would cut the name.
    pub fn table_name(
        &self,
        registry: &Registry,
        database: DatabaseKind,
    ) -> Result<TableName, ViewError> {
        placed::name(self, registry, database)
    }

    /// Returns the statement that creates the view over the tables of a registry. It fails if there is a view of this name.
    ///
    /// # Errors
    /// A model is not in the registry, or its table holds several accounts; the database would cut the name, or the view is not
    /// written for it.
    pub fn create_sql(
        &self,
        registry: &Registry,
        database: DatabaseKind,
    ) -> Result<String, ViewError> {
        placed::create(self, registry, database)
    }

    /// Returns the statement that removes the view, if it is there.
    ///
    /// # Errors
    /// As [`table_name`](Self::table_name).
    pub fn drop_sql(
        &self,
        registry: &Registry,
        database: DatabaseKind,
    ) -> Result<String, ViewError> {
        let name = self.table_name(registry, database)?.quoted(database);
        Ok(format!("DROP VIEW IF EXISTS {name}"))
    }
}
