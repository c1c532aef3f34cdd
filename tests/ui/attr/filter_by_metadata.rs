use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", filter(metadata.tenant = "x"))]
struct Row {
    id: String,
    name: Option<String>,
}

fn main() {}
