use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    #[stripe(id)]
    customer: String,
}

fn main() {}
