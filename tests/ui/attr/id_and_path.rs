use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[stripe(id, path = id)]
    customer: String,
}

fn main() {}
