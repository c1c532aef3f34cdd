use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(json)]
    address: Option<Address>,
}

struct Address {
    city: Option<String>,
}

fn main() {}
