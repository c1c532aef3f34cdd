use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows", filter(created >= 1700000000))]
struct Row {
    id: String,
    amount: i64,
}

fn main() {}
