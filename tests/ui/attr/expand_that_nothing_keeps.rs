use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows", expand(customer, balance_transaction))]
struct Row {
    id: String,
    #[stripe(path = customer.email)]
    email: Option<String>,
}

fn main() {}
