use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", tabel = "customers")]
struct Customer {
    id: String,
    emial: Option<String>,
    #[stripe(path = address.contry, colum = "land")]
    country: Option<String>,
    #[stripe(raw, local)]
    whole: Json<serde_json::Value>,
    #[stripe(column = "id")]
    phone: Option<String>,
}

fn main() {}
