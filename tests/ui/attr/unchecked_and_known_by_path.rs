use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = address.city, unchecked)]
    city: Option<i64>,
}

fn main() {}
