use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(sql_type = "bigserial")]
    balance: Option<i64>,
}

fn main() {}
