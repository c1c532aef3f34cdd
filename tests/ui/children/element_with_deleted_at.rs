use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows")]
struct Row {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
    #[stripe(deleted_at)]
    deleted: Option<chrono::DateTime<chrono::Utc>>,
}

fn main() {}
