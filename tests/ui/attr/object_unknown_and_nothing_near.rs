use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "elephant", table = "elephants")]
struct Customer {
    id: String,
}

fn main() {}
