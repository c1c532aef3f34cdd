use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    email: Box<dyn Send>,
}

fn main() {}
