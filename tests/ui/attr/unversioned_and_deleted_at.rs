use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", unversioned)]
struct Customer {
    id: String,
    #[stripe(deleted_at)]
    gone: Option<chrono::DateTime<chrono::Utc>>,
}

fn main() {}
