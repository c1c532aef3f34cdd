//! The same rows as those of [`subscriptions`](crate::subscriptions), without a hook: attributes say whose list the items are.

use stripe_sync::StripeSync;

#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(object = "subscription", table = "whole_subscriptions")]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: String,
    // Written and removed with the subscription, in its transaction, and complete: also where Stripe shows ten of more.
    #[stripe(children)]
    pub items: Vec<SubscriptionItem>,
}

/// `ensure_table::<Subscription>()` makes this table too.
#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(object = "subscription_item", table = "whole_items", on_delete = hard)]
pub struct SubscriptionItem {
    pub id: String,
    #[stripe(parent)]
    pub subscription: String,
    #[stripe(path = price.id)]
    pub price: String,
    /// Metered items have none.
    pub quantity: Option<i64>,
}
