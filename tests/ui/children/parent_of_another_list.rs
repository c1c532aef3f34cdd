use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "entitlements.active_entitlement", table = "entitlements")]
struct Entitlement {
    id: String,
    #[stripe(parent = "invoice")]
    owner: String,
}

fn main() {}
