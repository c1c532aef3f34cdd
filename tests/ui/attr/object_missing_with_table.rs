use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(table = "customers")]
struct Customer {
    id: String,
}

fn main() {}
