use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows")]
struct Row {
    id: String,
    coupon: Option<String>,
}

fn main() {}
