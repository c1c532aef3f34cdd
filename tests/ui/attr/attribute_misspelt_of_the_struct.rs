use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(rename_al = "camelCase")]
    email: Option<String>,
}

fn main() {}
