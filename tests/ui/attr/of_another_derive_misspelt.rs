use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(colum_name = "mail")]
    email: Option<String>,
}

fn main() {}
