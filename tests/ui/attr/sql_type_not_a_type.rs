use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(sql_type = "citext; DROP TABLE customers")]
    email: Option<String>,
}

fn main() {}
