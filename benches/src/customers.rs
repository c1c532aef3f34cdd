//! A customers table of 17 columns, and its rows as a program without stripe-sync would have them.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use stripe_sync::reexport::sqlx::types::Json;
use stripe_sync::{StripeSync, reexport::sqlx};

use crate::objects::{CUSTOMER, changed, distinct};

/// Seventeen columns of a customer, the whole object among them.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct WideCustomer {
    /// The key.
    pub id: String,
    /// With an index.
    pub email: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[stripe(path = address.country)]
    pub country: Option<String>,
    /// The city.
    #[stripe(path = address.city)]
    pub city: Option<String>,
    /// The first line of the address.
    #[stripe(path = address.line1)]
    pub line1: Option<String>,
    /// The postal code.
    #[stripe(path = address.postal_code)]
    pub postal_code: Option<String>,
    /// The application's own key.
    #[stripe(path = metadata.tenant_id)]
    pub tenant: Option<String>,
    /// In the currency's minor unit.
    pub balance: Option<i64>,
    /// ISO 4217, lowercase.
    pub currency: Option<String>,
    /// Whether the latest invoice is unpaid.
    pub delinquent: Option<bool>,
    /// The number of the next invoice.
    pub next_invoice_sequence: Option<i64>,
    /// `none`, `exempt` or `reverse`.
    pub tax_exempt: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// The whole object.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

/// The columns in the order of the struct.
pub const COLUMNS: [&str; 17] = [
    "id",
    "email",
    "name",
    "phone",
    "description",
    "country",
    "city",
    "line1",
    "postal_code",
    "tenant",
    "balance",
    "currency",
    "delinquent",
    "next_invoice_sequence",
    "tax_exempt",
    "created",
    "object",
];

/// The values of one row, read before the clock runs.
#[derive(Debug)]
pub struct Values {
    /// Every text column in order, with null where the object has it.
    pub texts: [Option<String>; 12],
    /// `balance` and `next_invoice_sequence`.
    pub integers: [Option<i64>; 2],
    /// `delinquent`.
    pub delinquent: Option<bool>,
    /// `created`.
    pub created: DateTime<Utc>,
    /// `object`.
    pub object: Box<RawValue>,
}

/// What Stripe has: customers, as they are at first and after each of them changed.
#[derive(Debug)]
pub struct Customers {
    /// The objects at first.
    pub first: Vec<String>,
    /// The same objects with another balance.
    pub changed: Vec<String>,
}

impl Customers {
    /// `count` customers with ids in random order, and each with an address of its own.
    pub fn new(count: usize) -> Self {
        let first: Vec<String> = distinct(CUSTOMER, count)
            .iter()
            .enumerate()
            .map(|(number, json)| json.replacen("anna.schmidt@", &format!("anna.{number:07}@"), 1))
            .collect();
        let changed = first.iter().map(|json| changed(json)).collect();
        Self { first, changed }
    }
}

/// The values of objects.
///
/// # Errors
/// When an object is not a customer.
pub fn values(objects: &[String]) -> Result<Vec<Values>, Box<dyn std::error::Error>> {
    objects.iter().map(|json| read(json)).collect()
}

fn read(json: &str) -> Result<Values, Box<dyn std::error::Error>> {
    let object: serde_json::Value = serde_json::from_str(json)?;
    let text = |pointer: &str| object.pointer(pointer)?.as_str().map(str::to_owned);
    Ok(Values {
        texts: [
            "/id",
            "/email",
            "/name",
            "/phone",
            "/description",
            "/address/country",
            "/address/city",
            "/address/line1",
            "/address/postal_code",
            "/metadata/tenant_id",
            "/currency",
            "/tax_exempt",
        ]
        .map(text),
        integers: ["/balance", "/next_invoice_sequence"].map(|at| object.pointer(at)?.as_i64()),
        delinquent: object["delinquent"].as_bool(),
        created: object["created"]
            .as_i64()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .ok_or("a customer without a time of creation")?,
        object: RawValue::from_string(json.trim().to_owned())?,
    })
}

/// The statement that writes one row, with the placeholders and the conflict clause of a database.
pub fn upsert(placeholder: impl Fn(usize) -> String, conflict: &str, new: [&str; 2]) -> String {
    let placeholders: Vec<String> = (1..=COLUMNS.len()).map(placeholder).collect();
    let sets: Vec<String> = COLUMNS[1..]
        .iter()
        .map(|column| format!("{column} = {}{column}{}", new[0], new[1]))
        .collect();
    format!(
        "INSERT INTO plain ({}) VALUES ({}) {conflict} {}",
        COLUMNS.join(", "),
        placeholders.join(", "),
        sets.join(", ")
    )
}

/// The parameters of that statement, bound to a query of any database.
macro_rules! bind {
    ($query:expr, $row:expr) => {{
        let [
            id,
            email,
            name,
            phone,
            description,
            country,
            city,
            line1,
            postal_code,
            tenant,
            currency,
            tax_exempt,
        ] = &$row.texts;
        let [balance, sequence] = $row.integers;
        $query
            .bind(id)
            .bind(email)
            .bind(name)
            .bind(phone)
            .bind(description)
            .bind(country)
            .bind(city)
            .bind(line1)
            .bind(postal_code)
            .bind(tenant)
            .bind(balance)
            .bind(currency)
            .bind($row.delinquent)
            .bind(sequence)
            .bind(tax_exempt)
            .bind($row.created)
            .bind(stripe_sync::reexport::sqlx::types::Json(&*$row.object))
    }};
}
pub(crate) use bind;

/// The error of a benchmark: none is handled.
pub type Failed = Box<dyn std::error::Error>;

/// An SQL text of this crate's own.
pub(crate) fn sql(text: impl Into<String>) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(text.into())
}
