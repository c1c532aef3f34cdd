use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "credit_note_line_item", table = "credit_note_line_items")]
struct Line {
    id: String,
    #[stripe(parent = "invoce")]
    of: String,
}

fn main() {}
