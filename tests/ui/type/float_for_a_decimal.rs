use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    unit_amount_decimal: Option<f64>,
}

fn main() {}
