use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = address?.country)]
    country: Option<String>,
}

fn main() {}
