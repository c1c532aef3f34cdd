use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "product", table = "rows")]
struct Row {
    id: String,
    deactivate_on: Option<String>,
}

fn main() {}
