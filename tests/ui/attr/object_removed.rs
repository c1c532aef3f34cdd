use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "usage_record", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
