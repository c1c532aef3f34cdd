use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", database = sqlite, sync = write)]
struct Row {
    id: String,
}

async fn write(_: String) -> bool {
    true
}

fn main() {}
