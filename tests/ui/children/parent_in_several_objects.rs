use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "item", table = "items")]
struct Item {
    id: String,
    #[stripe(parent)]
    session: String,
}

fn main() {}
