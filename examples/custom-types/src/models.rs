//! The structs that are mirrored, with the types of this crate as columns.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use stripe_sync::{Slot, StripeSync, ValueError};

use crate::currency::Currency;
use crate::product_id::ProductId;
use crate::status::Status;

#[derive(Debug, Clone, PartialEq, StripeSync)]
#[stripe(object = "product", table = "products")]
pub struct Product {
    pub id: ProductId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, StripeSync)]
#[stripe(object = "price", table = "prices")]
pub struct Price {
    pub id: String,
    pub product: ProductId,
    #[stripe(parse)]
    pub currency: Currency,
    /// In the currency's minor unit, with up to twelve places: `0.05` is a twentieth of a cent.
    pub unit_amount_decimal: Option<Decimal>,
    #[stripe(json)]
    pub recurring: Option<Recurring>,
    #[stripe(path = metadata.seats, with = whole_number)]
    pub seats: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub struct Subscription {
    pub id: String,
    pub status: Status,
}

/// What this application wants of `price.recurring`; the column holds just that, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    pub interval: String,
    pub interval_count: u16,
}

/// Metadata is text at Stripe, whatever it means. A function sees null and absent too, and says what becomes of them.
fn whole_number(slot: &Slot<'_>) -> Result<Option<u32>, ValueError> {
    let Some(text) = slot.deserialize::<String>()? else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(ValueError::new("expected a whole number")),
    }
}
