use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice.discounts", table = "rows")]
struct Row {
    #[stripe(parent)]
    invoice: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
