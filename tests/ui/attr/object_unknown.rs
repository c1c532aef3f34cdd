use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "custmer", table = "customers")]
struct Customer {
    id: String,
}

fn main() {}
