//! Views over the tables: SQL that every service with Stripe writes again, opt-in and with a version.
//!
//! | view | a row for each | needs |
//! |---|---|---|
//! | [`ACTIVE_SUBSCRIPTIONS`] | subscription that a customer has, with what it comes to in a month | `billing` |
//! | [`CUSTOMER_OVERVIEW`] | customer and currency: paid, refunded, owed | `billing`, `payments` |
//! | [`BALANCE_LEDGER`] | transaction of the balance, with the balance after it | `payments` |
//! | [`FAILED_PAYMENTS`] | payment that failed and was not paid since | `billing`, `payments` |
//!
//! Money is in the minor unit, always beside its currency, and nothing is summed over two currencies. The tables of a registry
//! hold one account and one mode, and so do its views. Rows that are marked as deleted are left out. What each column is stands
//! at the head of the SQL, in `views` of this crate.
//!
//! ```
//! use stripe_sync::DatabaseKind;
//! use stripe_sync_models::{all, views};
//!
//! fn print(database: DatabaseKind) -> Result<(), views::ViewError> {
//!     for view in views::all() {
//!         println!("{}", view.create(&all(), database)?);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! The ledger is `stripe.balance_ledger_v1` on PostgreSQL and `stripe_balance_ledger_v1` elsewhere, where nothing else was said of
//! the tables.
//!
//! A view has its version in its name. A later version of this crate may have a second one beside it; what a version means does
//! not change. The statement is for a migration of yours: put it there, or send it once. On PostgreSQL, a column that a view
//! names cannot be dropped or change its type while the view is there. A struct of your own in the place of a ready-made one
//! needs the columns that the views name: else the database refuses the statement.

use stripe_sync::{DatabaseKind, Registry, TableName};

/// Every view.
static ALL: [View; 4] = [
    ACTIVE_SUBSCRIPTIONS,
    CUSTOMER_OVERVIEW,
    BALANCE_LEDGER,
    FAILED_PAYMENTS,
];

/// The SQL of a view for each database.
macro_rules! view {
    ($name:literal, $version:literal, $($table:literal $object:literal),+ $(,)?) => {
        View {
            name: $name,
            version: $version,
            tables: &[$(($table, $object)),+],
            sqlite: include_str!(concat!("../views/sqlite/", $name, ".v", $version, ".sql")),
            postgres: include_str!(concat!("../views/postgres/", $name, ".v", $version, ".sql")),
            mysql: include_str!(concat!("../views/mysql/", $name, ".v", $version, ".sql")),
        }
    };
}

/// Subscriptions that a customer has, each with what it comes to in a month, before and after discounts.
pub const ACTIVE_SUBSCRIPTIONS: View = view!(
    "active_subscriptions", 1,
    "subscriptions" "subscription",
    "subscription_items" "subscription_item",
    "prices" "price",
    "price_tiers" "price.tiers",
    "coupons" "coupon",
    "customers" "customer",
);

/// What each customer has paid, got back and owes, in each currency.
pub const CUSTOMER_OVERVIEW: View = view!(
    "customer_overview", 1,
    "customers" "customer",
    "charges" "charge",
    "invoices" "invoice",
    "subscriptions" "subscription",
);

/// Every transaction of the balance with the balance after it, for each currency by itself.
pub const BALANCE_LEDGER: View = view!(
    "balance_ledger", 1,
    "balance_transactions" "balance_transaction",
);

/// Payments that failed and were not paid since, with the reason.
pub const FAILED_PAYMENTS: View = view!(
    "failed_payments", 1,
    "charges" "charge",
    "payment_intents" "payment_intent",
    "invoice_payments" "invoice_payment",
    "invoices" "invoice",
);

/// Returns every view.
pub fn all() -> &'static [View] {
    &ALL
}

/// A view over tables of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    name: &'static str,
    version: u32,
    /// Its tables: the placeholder in the SQL, and the object that the table mirrors.
    tables: &'static [(&'static str, &'static str)],
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

/// Why a view cannot be made over the tables of a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// A table is missing.
    #[error("the view `{view}` needs a model of `{object}`, and the registry has none")]
    NoModel {
        /// The view's name.
        view: &'static str,
        /// Stripe's name of the object.
        object: &'static str,
    },
    /// Which table is meant is not known.
    #[error(
        "the view `{view}` needs one model of `{object}`, and the registry has several: {models}"
    )]
    SeveralModels {
        /// The view's name.
        view: &'static str,
        /// Stripe's name of the object.
        object: &'static str,
        /// The structs.
        models: String,
    },
}

impl View {
    /// Returns the name without the version: `balance_ledger`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the version, which is part of the view's name in the database: 1 of `balance_ledger_v1`.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Returns Stripe's names of the objects whose tables it reads.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.tables.iter().map(|(_, object)| *object)
    }

    /// Returns where the view is: beside the first of its tables, in the same schema or behind the same prefix.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn table_name(
        &self,
        registry: &Registry,
        database: DatabaseKind,
    ) -> Result<TableName, ViewError> {
        let [(_, first), ..] = self.tables else {
            return Ok(TableName::new(self.name));
        };
        let (own, table) = self.table(registry, database, first)?;
        let prefix = table.name().strip_suffix(&own).unwrap_or_default();
        let name = TableName::new(format!("{prefix}{}_v{}", self.name, self.version));
        Ok(match table.schema() {
            Some(schema) => name.in_schema(schema),
            None => name,
        })
    }

    /// Returns the statement that creates the view over the tables where a registry has them.
    ///
    /// # Errors
    /// When the registry has no model, or several, of an object that the view needs.
    pub fn create(&self, registry: &Registry, database: DatabaseKind) -> Result<String, ViewError> {
        let view = quoted(&self.table_name(registry, database)?, database);
        let sql = match database.feature() {
            "postgres" => self.postgres,
            "mysql" => self.mysql,
            _ => self.sqlite,
        };
        let mut sql = sql.replace("{view}", &view);
        for (placeholder, object) in self.tables {
            let (_, table) = self.table(registry, database, object)?;
            sql = sql.replace(&format!("{{{placeholder}}}"), &quoted(&table, database));
        }
        Ok(sql)
    }

    /// Returns the statement that removes the view.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn drop(&self, registry: &Registry, database: DatabaseKind) -> Result<String, ViewError> {
        let view = self.table_name(registry, database)?;
        Ok(format!("DROP VIEW {};", quoted(&view, database)))
    }

    /// The table of an object, and its name without what a namespace or a prefix adds.
    fn table(
        &self,
        registry: &Registry,
        database: DatabaseKind,
        object: &'static str,
    ) -> Result<(String, TableName), ViewError> {
        let registry = registry.clone().on(database);
        let tables = registry.models().zip(registry.tables());
        let mut found: Vec<_> = tables
            .filter(|(model, _)| model.object() == object)
            .collect();
        let view = self.name;
        match found.pop() {
            None => Err(ViewError::NoModel { view, object }),
            Some((model, table)) if found.is_empty() => {
                let own = TableName::of(model);
                Ok((own.name().to_owned(), table))
            }
            Some(last) => {
                found.push(last);
                let models: Vec<&str> = found.iter().map(|(model, _)| model.name()).collect();
                let models = models.join(", ");
                Err(ViewError::SeveralModels {
                    view,
                    object,
                    models,
                })
            }
        }
    }
}

/// A name as SQL has it.
fn quoted(table: &TableName, database: DatabaseKind) -> String {
    let quote = match database.feature() {
        "mysql" => "`",
        _ => "\"",
    };
    let one = |name: &str| format!("{quote}{}{quote}", name.replace(quote, &quote.repeat(2)));
    match table.schema() {
        Some(schema) => format!("{}.{}", one(schema), one(table.name())),
        None => one(table.name()),
    }
}
