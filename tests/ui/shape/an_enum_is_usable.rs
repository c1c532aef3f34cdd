use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
enum Customer {
    One,
    Two,
}

fn mirrored<T: StripeSync>() {}

pub fn both() {
    mirrored::<Customer>();
}

fn main() {}
