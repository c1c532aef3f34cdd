use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoiceitem", table = "rows")]
struct Row {
    id: String,
    created: i64,
}

fn main() {}
