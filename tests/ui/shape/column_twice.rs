use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(column = "email", path = name)]
    name: Option<String>,
}

fn main() {}
