use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "apps.secret", table = "secrets")]
struct Customer {
    id: String,
}

fn main() {}
