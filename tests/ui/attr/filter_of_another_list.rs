use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "tax_id", table = "rows", filter(owner.tpye = "self"))]
struct Row {
    id: String,
}

fn main() {}
