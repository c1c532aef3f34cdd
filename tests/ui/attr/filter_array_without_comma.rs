use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "product", table = "rows", filter(ids = ["prod_1" "prod_2"]))]
struct Row {
    id: String,
    name: String,
}

fn main() {}
