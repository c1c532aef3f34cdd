use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", pre_set_default = clean)]
struct Row {
    id: String,
}

fn clean(_: String) -> bool {
    true
}

fn main() {}
