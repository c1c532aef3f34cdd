use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "checkout.session", table = "checkout.sessions")]
struct Session {
    id: String,
    #[stripe(children, expand)]
    line_items: Vec<Item>,
}

#[derive(StripeSync)]
#[stripe(object = "item", table = "items")]
struct Item {
    id: String,
    #[stripe(parent = "quote")]
    quote: String,
}

fn main() {}
