use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", pre_set_default = |object, context| ())]
struct Customer {
    id: String,
}

fn main() {}
