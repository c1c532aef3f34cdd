use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
union Customer {
    id: u8,
}

fn main() {}
