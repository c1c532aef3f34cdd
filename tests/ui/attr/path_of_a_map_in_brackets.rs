use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = metadata["tenant-id"])]
    tenant: Option<String>,
}

fn main() {}
