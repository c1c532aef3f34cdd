use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", hard_delete)]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
