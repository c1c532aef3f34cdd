use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows", filter(due_date.after = 1700000000))]
struct Row {
    id: String,
}

fn main() {}
