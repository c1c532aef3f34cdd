use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(column = "mail")]
    #[stripe(column = "e_mail")]
    email: Option<String>,
}

fn main() {}
