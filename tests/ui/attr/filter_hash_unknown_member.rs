use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "rows", filter(recurring.intervall = "month"))]
struct Row {
    id: String,
}

fn main() {}
