use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "webhook_endpoint", table = "endpoints")]
struct Endpoint {
    id: String,
    enabled_events: std::collections::HashSet<String>,
}

fn main() {}
