use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "tax.calculation_line_item", table = "tax_lines")]
struct Customer {
    id: String,
}

fn main() {}
