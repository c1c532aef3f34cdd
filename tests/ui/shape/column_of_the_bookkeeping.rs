use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(column = "stripe_hash")]
    name: Option<String>,
}

fn main() {}
