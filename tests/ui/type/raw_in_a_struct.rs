use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(raw)]
    whole: Whole,
}

struct Whole;

fn main() {}
