use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "main.billing.customers")]
struct Customer {
    id: String,
}

fn main() {}
