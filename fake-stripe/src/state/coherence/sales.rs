//! What is sold and offered: products, prices and coupons, checkout sessions, quotes, payment links and schedules.

pub(crate) mod checkout;
pub(crate) mod item;
pub(crate) mod link;
pub(crate) mod price;
pub(crate) mod quote;
pub(crate) mod schedule;
