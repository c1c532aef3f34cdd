use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers_of_the_whole_company_and_all_its_shops", namespace = "payments_of_stripe")]
struct Customer {
    id: String,
}

fn main() {}
