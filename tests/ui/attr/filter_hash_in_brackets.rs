use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "rows", filter(recurring[interval] = "month"))]
struct Row {
    id: String,
    active: bool,
}

fn main() {}
