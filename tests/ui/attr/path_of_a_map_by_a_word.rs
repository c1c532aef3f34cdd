use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = metadata[tenant])]
    tenant: Option<String>,
}

fn main() {}
