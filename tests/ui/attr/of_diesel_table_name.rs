use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table_name = "customers")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
