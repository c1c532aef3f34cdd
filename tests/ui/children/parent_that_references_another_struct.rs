use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lines")]
struct Line {
    id: String,
    #[stripe(parent, references = Customer)]
    invoice: String,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
}

fn main() {}
