use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "card", table = "cards")]
struct Card {
    id: String,
    #[stripe(parent)]
    name: String,
}

fn main() {}
