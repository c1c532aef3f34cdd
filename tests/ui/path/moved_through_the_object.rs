use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = charges.data[0].id)]
    charge: Option<String>,
}

fn main() {}
