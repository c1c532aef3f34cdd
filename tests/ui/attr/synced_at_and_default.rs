use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(synced_at, default)]
    seen: Option<chrono::DateTime<chrono::Utc>>,
}

fn main() {}
