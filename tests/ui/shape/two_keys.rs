use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[stripe(id)]
    customer: String,
    #[stripe(id)]
    stripe_id: String,
}

fn main() {}
