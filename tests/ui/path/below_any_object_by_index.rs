use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "event", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = data.object.lines[0].amount)]
    amount: i64,
}

fn main() {}
