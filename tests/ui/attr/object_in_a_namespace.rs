use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "sigma.scheduled_query_run", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
