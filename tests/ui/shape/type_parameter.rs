use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer<T> {
    id: String,
    email: T,
}

fn main() {}
