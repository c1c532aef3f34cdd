use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows", filter(created[gte] = "2024-01-01"))]
struct Row {
    id: String,
    amount: i64,
}

fn main() {}
