use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    deleted: bool,
}

fn main() {}
