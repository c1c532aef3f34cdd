use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "event", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = data.object.id)]
    object_id: Option<String>,
}

fn main() {}
