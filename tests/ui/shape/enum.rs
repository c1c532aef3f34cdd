use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
enum Customer {
    Known { id: String },
}

fn main() {}
