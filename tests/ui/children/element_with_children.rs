use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "dispute.balance_transactions", table = "rows")]
struct Row {
    #[stripe(parent)]
    dispute: String,
    #[stripe(position)]
    position: i64,
    #[stripe(children)]
    fee_details: Vec<Fee>,
}

#[derive(StripeSync)]
#[stripe(object = "balance_transaction.fee_details", table = "fees")]
struct Fee {
    #[stripe(parent)]
    balance_transaction: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
