use stripe_sync::{Change, Context, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", after_commit = changed)]
struct Customer {
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
}

async fn changed(_: Change<Product>, _: &Context) {}

fn main() {}
