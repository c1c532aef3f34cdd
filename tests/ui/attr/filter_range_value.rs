use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows", filter(created.gte = "yesterday"))]
struct Row {
    id: String,
}

fn main() {}
