use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer<T> {
    id: String,
    extra: T,
}

fn mirrored<T: StripeSync>() {}

pub fn both() {
    mirrored::<Customer<String>>();
}

fn main() {}
