use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "account.requirements.currently_due", table = "rows")]
struct Row {
    #[stripe(parent)]
    account: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
