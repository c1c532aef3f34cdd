use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "item", table = "items")]
struct Item {
    id: String,
    #[stripe(parent = "checkout.session", references = Customer)]
    session: String,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
}

fn main() {}
