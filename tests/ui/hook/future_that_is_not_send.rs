use std::rc::Rc;

use stripe_sync::{Context, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", pre_set_default = clean)]
struct Customer {
    id: String,
}

async fn clean(_: &mut StripeObject, _: &Context) {
    let shared = Rc::new(1);
    std::future::ready(()).await;
    drop(shared);
}

fn main() {}
