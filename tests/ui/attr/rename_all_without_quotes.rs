use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", rename_all = camelCase)]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
