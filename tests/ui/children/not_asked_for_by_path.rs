use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(children, path = sources)]
    cards: Vec<Card>,
}

#[derive(StripeSync)]
#[stripe(object = "card", table = "cards")]
struct Card {
    id: String,
    #[stripe(parent)]
    customer: String,
}

fn main() {}
