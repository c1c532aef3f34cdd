use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "upcoming_invoice", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
