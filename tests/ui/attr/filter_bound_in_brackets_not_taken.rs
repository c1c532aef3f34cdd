use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_link", table = "rows", filter(created[gte] = 1700000000))]
struct Row {
    id: String,
    active: bool,
}

fn main() {}
