use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[stripe(id)]
    stripe_id: String,
    id: i64,
}

fn main() {}
