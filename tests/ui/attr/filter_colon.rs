use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows", filter(status: "active"))]
struct Row {
    id: String,
    customer: String,
}

fn main() {}
