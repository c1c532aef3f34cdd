use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", filter(email = ""))]
struct Row {
    id: String,
}

fn main() {}
