use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "billing.meter_event_summary", table = "rows", filter(customer = "cus_1"))]
struct Row {
    id: String,
}

fn main() {}
