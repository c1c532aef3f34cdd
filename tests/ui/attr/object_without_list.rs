use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "balance", table = "balances")]
struct Customer {
    id: String,
}

fn main() {}
