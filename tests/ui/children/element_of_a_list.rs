use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription.items", table = "rows")]
struct Row {
    #[stripe(parent)]
    subscription: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
