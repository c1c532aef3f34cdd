use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    id: String,
    tax: Option<i64>,
}

fn main() {}
