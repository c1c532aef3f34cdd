use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer_tax_id", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
