use stripe_sync::{Context, MapError, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    emial: Option<String>,
}

fn table() -> String {
    Customer::MODEL.table()
}

fn read(object: &StripeObject, context: &Context) -> Result<Customer, MapError> {
    Customer::from_stripe(object, context)
}

fn main() {}
