use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = lines.total_count)]
    lines: Option<i64>,
}

fn main() {}
