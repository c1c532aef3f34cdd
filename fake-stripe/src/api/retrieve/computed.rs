//! Objects without an id that Stripe computes: the balance, a customer's cash balance, the settings of taxes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::retrieve::{self, expanded};
use crate::data::partition::parse;
use crate::params::Params;
use crate::state::State;
use crate::state::accounts::DEFAULT_CURRENCY;
use crate::state::replay::Page;

/// `GET /v1/balance`: what the balance transactions add up to, by currency.
pub(crate) fn balance(state: &State, caller: &Caller, params: &Params) -> Result<Page, ApiError> {
    // A key with a right to one of the two sees this.
    if !caller.may_read("balance") {
        caller.check("balance_transaction")?;
    }
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let account = state.accounts.get(&caller.scope.account);
    let currency = account.and_then(|account| account.body["default_currency"].as_str());
    let currency = currency.unwrap_or(DEFAULT_CURRENCY).to_owned();
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::from([(currency, (0, 0))]);
    let collection = partition.collection("balance_transaction");
    for transaction in collection.into_iter().flat_map(|all| all.iter()).map(parse) {
        let text = |name: &str| transaction[name].as_str().unwrap_or_default();
        let (available, pending) = sums.entry(text("currency").to_owned()).or_default();
        let sum = match text("status") {
            "pending" => pending,
            _ => available,
        };
        *sum = sum.saturating_add(transaction["net"].as_i64().unwrap_or(0));
    }
    let amounts = |of: fn(&(i64, i64)) -> i64| -> Value {
        let each = sums.iter().map(|(currency, sum)| {
            let amount = of(sum);
            json!({ "amount": amount, "currency": currency, "source_types": { "card": amount } })
        });
        each.collect()
    };
    let balance = json!({
        "object": "balance",
        "available": amounts(|sum| sum.0),
        "livemode": caller.scope.mode.livemode(),
        "pending": amounts(|sum| sum.1),
    });
    expanded(state, caller, "balance", balance, params, "")
}

/// `GET /v1/customers/{id}/cash_balance`: that which the customer was created with, or an empty one.
pub(crate) fn cash_balance(
    state: &State,
    caller: &Caller,
    customer: &str,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check("customer")?;
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let collection = partition.collection("customer");
    let record = collection.and_then(|collection| collection.get(customer));
    let record = record.ok_or_else(|| retrieve::missing(state, caller, "customer", customer))?;
    let kept = record
        .hidden
        .as_ref()
        .and_then(|hidden| hidden.get("cash_balance"));
    let balance = kept.cloned().unwrap_or_else(|| {
        json!({
            "object": "cash_balance",
            "available": null,
            "customer": customer,
            "customer_account": null,
            "livemode": caller.scope.mode.livemode(),
            "settings": { "reconciliation_mode": "automatic", "using_merchant_default": true },
        })
    });
    expanded(state, caller, "cash_balance", balance, params, "")
}

/// `GET /v1/tax/settings`: those of an account that has set up nothing.
pub(crate) fn tax_settings(
    state: &State,
    caller: &Caller,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check("tax.settings")?;
    let settings = json!({
        "object": "tax.settings",
        "defaults": { "provider": "stripe", "tax_behavior": null, "tax_code": null },
        "head_office": null,
        "livemode": caller.scope.mode.livemode(),
        "status": "pending",
        "status_details": { "pending": { "missing_fields": ["head_office", "defaults.tax_behavior"] } },
    });
    expanded(state, caller, "tax.settings", settings, params, "")
}
