use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(expand(customer), path = customer.email)]
    email: Option<String>,
}

fn main() {}
