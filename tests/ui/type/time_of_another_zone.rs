use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    created: chrono::DateTime<chrono::FixedOffset>,
}

fn main() {}
