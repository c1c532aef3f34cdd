use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "rows", filter(recurring = "month"))]
struct Row {
    id: String,
}

fn main() {}
