use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(local)]
    notes: Notes,
}

#[derive(Default)]
struct Notes;

fn main() {}
