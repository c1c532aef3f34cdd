//! async-stripe's types read what the fake makes up.

use std::collections::BTreeSet;

use serde_json::Value;
use stripe_sync::testing::FakeStripe;
use stripe_sync_schema::catalogue;

/// How many objects of each name are read.
const EACH: usize = 20;

/// Objects that the types do not read, and why: async-stripe's are of version 2026-09-30.endive.
const REFUSED: [(&str, &str); 0] = [];

fn read<T: miniserde::Deserialize>(json: &str) -> bool {
    miniserde::json::from_str::<T>(json).is_ok()
}

type Read = fn(&str) -> bool;

/// The member without which the object can be read, as a path with its value.
fn culprit(read: Read, whole: &Value) -> String {
    let mut path = String::new();
    loop {
        let members: Vec<String> = match whole.pointer(&path) {
            Some(Value::Object(members)) => members.keys().cloned().collect(),
            Some(Value::Array(items)) => (0..items.len()).map(|nth| nth.to_string()).collect(),
            _ => Vec::new(),
        };
        let heals = |name: &&String| {
            [true, false].into_iter().any(|removed| {
                let mut other = whole.clone();
                match other.pointer_mut(&path) {
                    Some(Value::Object(members)) if removed => drop(members.remove(*name)),
                    Some(Value::Object(members)) => members[*name] = Value::Null,
                    Some(Value::Array(items)) => *items = Vec::new(),
                    _ => {}
                }
                read(&other.to_string())
            })
        };
        match members.iter().find(heals) {
            Some(name) => path = format!("{path}/{name}"),
            None => {
                let mut value = whole.pointer(&path).unwrap_or(&Value::Null).to_string();
                value.truncate(value.floor_char_boundary(200));
                return format!("{path}: {value}");
            }
        }
    }
}

/// What async-stripe-shared has. The types of other objects are in crates of their own.
const TYPES: &[(&str, Read)] = &[
    ("account", read::<stripe_shared::Account>),
    ("application_fee", read::<stripe_shared::ApplicationFee>),
    (
        "balance_transaction",
        read::<stripe_shared::BalanceTransaction>,
    ),
    ("bank_account", read::<stripe_shared::BankAccount>),
    (
        "billing.credit_balance_transaction",
        read::<stripe_shared::BillingCreditBalanceTransaction>,
    ),
    (
        "billing.credit_grant",
        read::<stripe_shared::BillingCreditGrant>,
    ),
    (
        "billing.feedback_option",
        read::<stripe_shared::BillingFeedbackOption>,
    ),
    ("capability", read::<stripe_shared::Capability>),
    ("card", read::<stripe_shared::Card>),
    ("charge", read::<stripe_shared::Charge>),
    ("checkout.session", read::<stripe_shared::CheckoutSession>),
    ("coupon", read::<stripe_shared::Coupon>),
    ("credit_note", read::<stripe_shared::CreditNote>),
    (
        "credit_note_line_item",
        read::<stripe_shared::CreditNoteLineItem>,
    ),
    ("customer", read::<stripe_shared::Customer>),
    (
        "customer_balance_transaction",
        read::<stripe_shared::CustomerBalanceTransaction>,
    ),
    (
        "customer_cash_balance_transaction",
        read::<stripe_shared::CustomerCashBalanceTransaction>,
    ),
    ("dispute", read::<stripe_shared::Dispute>),
    (
        "entitlements.feature",
        read::<stripe_shared::EntitlementsFeature>,
    ),
    ("event", read::<stripe_shared::Event>),
    ("file", read::<stripe_shared::File>),
    ("file_link", read::<stripe_shared::FileLink>),
    ("invoice", read::<stripe_shared::Invoice>),
    ("invoice_payment", read::<stripe_shared::InvoicePayment>),
    (
        "issuing.authorization",
        read::<stripe_shared::IssuingAuthorization>,
    ),
    ("issuing.card", read::<stripe_shared::IssuingCard>),
    (
        "issuing.cardholder",
        read::<stripe_shared::IssuingCardholder>,
    ),
    ("issuing.dispute", read::<stripe_shared::IssuingDispute>),
    (
        "issuing.personalization_design",
        read::<stripe_shared::IssuingPersonalizationDesign>,
    ),
    (
        "issuing.physical_bundle",
        read::<stripe_shared::IssuingPhysicalBundle>,
    ),
    ("issuing.token", read::<stripe_shared::IssuingToken>),
    (
        "issuing.transaction",
        read::<stripe_shared::IssuingTransaction>,
    ),
    ("mandate", read::<stripe_shared::Mandate>),
    ("payment_intent", read::<stripe_shared::PaymentIntent>),
    (
        "payment_intent_amount_details_line_item",
        read::<stripe_shared::PaymentIntentAmountDetailsLineItem>,
    ),
    ("payment_link", read::<stripe_shared::PaymentLink>),
    ("payment_method", read::<stripe_shared::PaymentMethod>),
    ("payment_record", read::<stripe_shared::PaymentRecord>),
    ("payout", read::<stripe_shared::Payout>),
    ("person", read::<stripe_shared::Person>),
    ("plan", read::<stripe_shared::Plan>),
    ("price", read::<stripe_shared::Price>),
    ("product", read::<stripe_shared::Product>),
    ("promotion_code", read::<stripe_shared::PromotionCode>),
    ("refund", read::<stripe_shared::Refund>),
    ("review", read::<stripe_shared::Review>),
    ("setup_attempt", read::<stripe_shared::SetupAttempt>),
    ("setup_intent", read::<stripe_shared::SetupIntent>),
    ("shipping_rate", read::<stripe_shared::ShippingRate>),
    ("source", read::<stripe_shared::Source>),
    (
        "source_transaction",
        read::<stripe_shared::SourceTransaction>,
    ),
    ("subscription", read::<stripe_shared::Subscription>),
    ("subscription_item", read::<stripe_shared::SubscriptionItem>),
    (
        "subscription_schedule",
        read::<stripe_shared::SubscriptionSchedule>,
    ),
    ("tax_code", read::<stripe_shared::TaxCode>),
    ("tax_id", read::<stripe_shared::TaxId>),
    ("tax_rate", read::<stripe_shared::TaxRate>),
    (
        "test_helpers.test_clock",
        read::<stripe_shared::TestHelpersTestClock>,
    ),
    ("token", read::<stripe_shared::Token>),
    ("topup", read::<stripe_shared::Topup>),
    ("transfer", read::<stripe_shared::Transfer>),
    ("transfer_reversal", read::<stripe_shared::TransferReversal>),
];

#[test]
fn the_types_refuse_other_forms() {
    let charge = |amount: &str| format!(r#"{{"object":"charge","id":"ch_1","amount":{amount}}}"#);
    assert!(!read::<stripe_shared::Charge>(&charge("\"text\"")));
    assert!(
        !read::<stripe_shared::Charge>(&charge("1")),
        "the rest is absent"
    );
}

#[tokio::test]
async fn async_stripes_types_read_every_object() {
    let fake = FakeStripe::builder()
        .seed(17)
        .start()
        .await
        .expect("a port");
    for resource in catalogue::resources() {
        if resource.object != "event" {
            for _ in 0..EACH {
                // There are fewer countries than that.
                let _ = fake.generate(resource.object, 1);
            }
        }
    }
    // What is generated has no events.
    for _ in 0..EACH {
        let made = fake.create("customer", serde_json::json!({}));
        made.expect("a customer");
    }
    let mut refused = BTreeSet::new();
    let mut reasons = BTreeSet::new();
    for (object, read) in TYPES {
        if catalogue::resource(object).is_none() {
            let made = fake.create(object, serde_json::json!({}));
            made.unwrap_or_else(|error| panic!("{object}: {error}"));
        }
        let truth = fake.truth(object);
        assert!(!truth.is_empty(), "no {object}");
        for value in truth {
            if !read(&value.to_string()) {
                refused.insert(*object);
                reasons.insert(format!("{object}{}", culprit(*read, &value)));
            }
        }
    }
    let known: BTreeSet<&str> = REFUSED.iter().map(|(object, _)| *object).collect();
    let reasons = reasons.into_iter().collect::<Vec<_>>().join("\n");
    assert!(refused == known, "REFUSED is not {refused:?}:\n{reasons}");
}
