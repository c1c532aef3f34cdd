use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: Maybe<String>,
    email: Option<String>,
}

type Maybe<T> = Option<T>;

fn main() {}
