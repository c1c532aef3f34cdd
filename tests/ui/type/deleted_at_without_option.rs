use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(deleted_at)]
    gone: chrono::DateTime<chrono::Utc>,
}

fn main() {}
