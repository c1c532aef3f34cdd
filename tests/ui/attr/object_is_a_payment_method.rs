use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "card_present", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
