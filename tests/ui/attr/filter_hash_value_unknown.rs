use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "rows", filter(recurring.interval = "monthly"))]
struct Row {
    id: String,
}

fn main() {}
