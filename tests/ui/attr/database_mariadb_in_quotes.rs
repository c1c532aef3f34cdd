use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", database = "mariadb")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
