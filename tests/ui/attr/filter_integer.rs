use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "issuing.card", table = "rows", filter(exp_month = "May"))]
struct Row {
    id: String,
}

fn main() {}
