use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = mysql)]
struct Customer {
    id: String,
}

fn main() {}
