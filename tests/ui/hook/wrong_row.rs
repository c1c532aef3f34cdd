use stripe_sync::{Context, MapError, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", set_default = make)]
struct Customer {
    id: String,
}

fn make(_: &StripeObject, _: &Context) -> Result<String, MapError> {
    Ok(String::new())
}

fn main() {}
