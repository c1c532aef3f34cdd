use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer.elephants", table = "rows")]
struct Row {
    #[stripe(parent)]
    customer: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
