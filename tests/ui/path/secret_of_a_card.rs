use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "issuing.card", table = "rows")]
struct Row {
    id: String,
    #[stripe(expand)]
    number: Option<String>,
}

fn main() {}
