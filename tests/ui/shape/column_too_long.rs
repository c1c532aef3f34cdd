use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(column = "the_name_that_this_customer_gave_when_they_registered_in_our_shop")]
    name: Option<String>,
}

fn main() {}
