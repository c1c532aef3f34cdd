use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[stripe(local)]
    id: i64,
    email: Option<String>,
}

fn main() {}
