use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(sql_type = "text NOT NULL")]
    email: Option<String>,
}

fn main() {}
