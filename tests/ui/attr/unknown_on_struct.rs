use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", tabel = "customers")]
struct Customer {
    id: String,
}

fn main() {}
