use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = name, with = length)]
    name: i64,
}

fn length(name: String) -> usize {
    name.len()
}

fn main() {}
