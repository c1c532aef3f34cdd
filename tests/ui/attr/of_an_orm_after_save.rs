use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", after_save = changed)]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
