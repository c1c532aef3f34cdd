use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "product", table = "rows", filter(active = "yes"))]
struct Row {
    id: String,
}

fn main() {}
