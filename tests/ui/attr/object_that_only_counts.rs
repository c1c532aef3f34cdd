use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "meter_event", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
