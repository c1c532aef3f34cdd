use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows")]
struct Row {
    id: String,
    default_tax_rates: Vec<String>,
}

fn main() {}
