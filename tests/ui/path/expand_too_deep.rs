use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = items.data[0].price.product.name, expand)]
    product: Option<String>,
}

fn main() {}
