use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    #[stripe(primary_key)]
    id: String,
}

fn main() {}
