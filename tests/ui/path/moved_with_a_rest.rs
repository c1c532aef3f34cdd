use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = plan.product)]
    product: Option<String>,
}

fn main() {}
