use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "product", table = "rows", filter(ids = []))]
struct Row {
    id: String,
}

fn main() {}
