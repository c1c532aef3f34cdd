use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "charges")]
struct Charge {
    id: String,
    #[stripe(references = Customer)]
    payment_intent: Option<String>,
    #[stripe(references = Customer)]
    customer: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(path = metadata.charge, references = Charge)]
    charge: Option<String>,
}

fn main() {}
