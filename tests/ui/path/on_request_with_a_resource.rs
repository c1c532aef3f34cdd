use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = refunds.data[0].id)]
    refund: Option<String>,
}

fn main() {}
