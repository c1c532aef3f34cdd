use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows", filter(status.gte = "active"))]
struct Row {
    id: String,
}

fn main() {}
