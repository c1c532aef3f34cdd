use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer<'a> {
    id: &'a str,
}

fn main() {}
