use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows", filter(status = ["active", "past_due"]))]
struct Row {
    id: String,
}

fn main() {}
