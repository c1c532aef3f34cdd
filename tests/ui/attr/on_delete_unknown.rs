use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", on_delete = cascade)]
struct Customer {
    id: String,
}

fn main() {}
