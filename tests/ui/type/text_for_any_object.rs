use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "event", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = data.object)]
    resource: Option<String>,
}

fn main() {}
