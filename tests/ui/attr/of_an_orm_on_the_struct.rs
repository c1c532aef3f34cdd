use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", primary_key = "id")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
