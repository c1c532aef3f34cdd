use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(local)]
    stripe_deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

fn main() {}
