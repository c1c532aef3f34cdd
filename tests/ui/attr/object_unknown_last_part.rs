use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "session", table = "sessions")]
struct Session {
    id: String,
}

fn main() {}
