//! One event of every type: each is done, or ignored with a reason, and none is a dead letter.

mod types;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState, LiveBuilder};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync};
use stripe_sync_schema::catalogue;

use self::types::{OF_NO_RESOURCE, OF_V2, THIN_ONLY};
use super::service::{Service, URL, deliver_all, process};

/// A model of each resource of which events tell.
macro_rules! models {
    ($($name:ident $object:literal $table:literal;)*) => {
        $(
            #[derive(StripeSync)]
            #[stripe(object = $object, table = $table)]
            struct $name {
                id: String,
                #[stripe(raw)]
                object: Json<Value>,
            }
        )*
        const OBJECTS: &[&str] = &[$($object),*];
        fn models(builder: LiveBuilder) -> LiveBuilder {
            builder$(.model::<$name>())*
        }
        async fn ensure_tables(service: &Service) {
            $(service.syncer.ensure_table::<$name>().await.unwrap();)*
        }
    };
}
models! {
    Account "account" "every_account";
    ApplicationFee "application_fee" "every_application_fee";
    AppsInstall "apps.install" "every_apps_install";
    BankAccount "bank_account" "every_bank_account";
    BillingCreditBalanceTransaction "billing.credit_balance_transaction" "every_billing_credit_balance_transaction";
    BillingCreditGrant "billing.credit_grant" "every_billing_credit_grant";
    BillingMeter "billing.meter" "every_billing_meter";
    BillingPortalConfiguration "billing_portal.configuration" "every_billing_portal_configuration";
    Capability "capability" "every_capability";
    Card "card" "every_card";
    Charge "charge" "every_charge";
    CheckoutSession "checkout.session" "every_checkout_session";
    ClimateOrder "climate.order" "every_climate_order";
    ClimateProduct "climate.product" "every_climate_product";
    Coupon "coupon" "every_coupon";
    CreditNote "credit_note" "every_credit_note";
    Customer "customer" "every_customer";
    CustomerCashBalanceTransaction "customer_cash_balance_transaction" "every_customer_cash_balance_transaction";
    Dispute "dispute" "every_dispute";
    EntitlementsActiveEntitlement "entitlements.active_entitlement" "every_entitlements_active_entitlement";
    FeeRefund "fee_refund" "every_fee_refund";
    File "file" "every_file";
    FinancialConnectionsAccount "financial_connections.account" "every_financial_connections_account";
    IdentityVerificationSession "identity.verification_session" "every_identity_verification_session";
    Invoice "invoice" "every_invoice";
    InvoicePayment "invoice_payment" "every_invoice_payment";
    Invoiceitem "invoiceitem" "every_invoiceitem";
    IssuingAuthorization "issuing.authorization" "every_issuing_authorization";
    IssuingCard "issuing.card" "every_issuing_card";
    IssuingCardholder "issuing.cardholder" "every_issuing_cardholder";
    IssuingDispute "issuing.dispute" "every_issuing_dispute";
    IssuingPersonalizationDesign "issuing.personalization_design" "every_issuing_personalization_design";
    IssuingToken "issuing.token" "every_issuing_token";
    IssuingTransaction "issuing.transaction" "every_issuing_transaction";
    PaymentIntent "payment_intent" "every_payment_intent";
    PaymentLink "payment_link" "every_payment_link";
    PaymentMethod "payment_method" "every_payment_method";
    Payout "payout" "every_payout";
    Person "person" "every_person";
    Plan "plan" "every_plan";
    Price "price" "every_price";
    Product "product" "every_product";
    PromotionCode "promotion_code" "every_promotion_code";
    Quote "quote" "every_quote";
    RadarEarlyFraudWarning "radar.early_fraud_warning" "every_radar_early_fraud_warning";
    Refund "refund" "every_refund";
    ReportingReportRun "reporting.report_run" "every_reporting_report_run";
    ReportingReportType "reporting.report_type" "every_reporting_report_type";
    Review "review" "every_review";
    ScheduledQueryRun "scheduled_query_run" "every_scheduled_query_run";
    SetupIntent "setup_intent" "every_setup_intent";
    Source "source" "every_source";
    SourceTransaction "source_transaction" "every_source_transaction";
    Subscription "subscription" "every_subscription";
    SubscriptionSchedule "subscription_schedule" "every_subscription_schedule";
    TaxId "tax_id" "every_tax_id";
    TaxRate "tax_rate" "every_tax_rate";
    TerminalReader "terminal.reader" "every_terminal_reader";
    TestHelpersTestClock "test_helpers.test_clock" "every_test_helpers_test_clock";
    ThreeDSecureAuthentication "three_d_secure.authentication" "every_three_d_secure_authentication";
    Topup "topup" "every_topup";
    Transfer "transfer" "every_transfer";
    TreasuryCreditReversal "treasury.credit_reversal" "every_treasury_credit_reversal";
    TreasuryDebitReversal "treasury.debit_reversal" "every_treasury_debit_reversal";
    TreasuryFinancialAccount "treasury.financial_account" "every_treasury_financial_account";
    TreasuryInboundTransfer "treasury.inbound_transfer" "every_treasury_inbound_transfer";
    TreasuryOutboundPayment "treasury.outbound_payment" "every_treasury_outbound_payment";
    TreasuryOutboundTransfer "treasury.outbound_transfer" "every_treasury_outbound_transfer";
    TreasuryReceivedCredit "treasury.received_credit" "every_treasury_received_credit";
    TreasuryReceivedDebit "treasury.received_debit" "every_treasury_received_debit";
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// Of each resource an object, and an event of each of its types.
fn tell(service: &Service) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    for name in OBJECTS {
        let resource = catalogue::resource(name).unwrap();
        let object = service.fake.create(name, json!({})).unwrap();
        for kind in resource.events.iter().chain(&resource.deleted_events) {
            service.fake.record_event(kind, &object).unwrap();
            types.insert(*kind);
        }
        for kind in &resource.mentions {
            let part = json!({"id": "di_1", "object": "discount", *name: id(&object)});
            service.fake.record_event(kind, &part).unwrap();
            types.insert(kind);
        }
    }
    for (object, kind) in OF_NO_RESOURCE {
        let object = json!({"id": "other_1", "object": object});
        service.fake.record_event(kind, &object).unwrap();
        types.insert(kind);
    }
    types
}

pub(crate) async fn one_event_of_every_type(service: &Service) {
    let told: BTreeSet<&str> = catalogue::resources()
        .iter()
        .filter(|resource| {
            let has_events = !resource.events.is_empty() || !resource.mentions.is_empty();
            has_events || resource.summary.is_some()
        })
        .map(|resource| resource.object)
        .collect();
    assert_eq!(told, OBJECTS.iter().copied().collect());
    ensure_tables(service).await;
    let thin = service.fake.webhook_endpoint(URL).events(["*"]).thin();
    let secret = WebhookSecret::new(&thin.create().unwrap().secret).unwrap();
    let live = models(service.builder().secret(secret)).build().unwrap();
    let mut types = tell(service);
    assert_eq!(types.len(), 274, "and the summary of entitlements");
    for kind in THIN_ONLY {
        let kind_of_v1 = kind.strip_prefix("v1.").unwrap();
        let object = json!({"id": "other_1", "object": kind_of_v1.split('.').next()});
        service.fake.record_event(kind_of_v1, &object).unwrap();
        types.insert(kind);
    }
    for kind in OF_V2 {
        let object = json!({"id": "acct_v2", "object": "v2.core.account"});
        service.fake.record_event(kind, &object).unwrap();
        types.insert(kind);
    }
    deliver_all(service, &live).await;
    let processed = process(&live).await;
    assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    let events = live.events(&EventFilter::new()).await.unwrap();
    let mut came = BTreeSet::new();
    for event in &events {
        came.insert(event.kind.as_str());
        match event.state {
            EventState::Done => {}
            EventState::Ignored => assert!(event.reason.is_some(), "{event:?}"),
            state => panic!("{state:?}: {event:?}"),
        }
    }
    assert!(types.is_subset(&came), "{:?}", types.difference(&came));
    let summary = "entitlements.active_entitlement_summary.updated";
    assert!(came.contains(summary) && came.contains("v1.customer.updated"));
}
