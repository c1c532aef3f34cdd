use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "checkout.session", table = "rows")]
struct Row {
    id: String,
    price: Option<String>,
}

fn main() {}
