use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", unversioned, on_delete = soft)]
struct Customer {
    id: String,
}

fn main() {}
