use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "credit_note_line_item", table = "rows", filter(invoice = "in_1"))]
struct Row {
    id: String,
}

fn main() {}
