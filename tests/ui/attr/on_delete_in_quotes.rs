use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", on_delete = "hard")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
