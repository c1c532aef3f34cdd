"""The peers: how each is run, and which table has the objects of which resource."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Peer:
    name: str
    # The package and the Stripe library that it calls, as the lock files name them.
    package: str
    command: str
    schema: str
    # A table with columns of its own for a few members has the object as Stripe sent it in this column.
    raw: str | None
    tables: dict[str, str]

    def steps(self, home):
        """The programs to run, one after another, each with its directory."""
        if self.name == "dj-stripe":
            django = [str(home / "python/bin/python"), "-B", "-m", "django"]
            return [([*django, "migrate", "--verbosity", "0"], "dj-stripe"), ([*django, "djstripe_sync_models"], "dj-stripe")]
        return [(["node", "sync.mjs", self.name], "sync-engine")]


DJ_STRIPE = Peer(
    name="dj-stripe",
    package="dj-stripe",
    command="manage.py djstripe_sync_models",
    schema="public",
    raw="stripe_data",
    tables={
        "account": "djstripe_account",
        "application_fee": "djstripe_applicationfee",
        "balance_transaction": "djstripe_balancetransaction",
        "bank_account": "djstripe_bankaccount",
        "card": "djstripe_card",
        "charge": "djstripe_charge",
        "checkout.session": "djstripe_session",
        "country_spec": "djstripe_countryspec",
        "coupon": "djstripe_coupon",
        "customer": "djstripe_customer",
        "dispute": "djstripe_dispute",
        "entitlements.active_entitlement": "djstripe_activeentitlement",
        "entitlements.feature": "djstripe_feature",
        "event": "djstripe_event",
        "fee_refund": "djstripe_applicationfeerefund",
        "file": "djstripe_file",
        "file_link": "djstripe_filelink",
        "identity.verification_report": "djstripe_verificationreport",
        "identity.verification_session": "djstripe_verificationsession",
        "invoice": "djstripe_invoice",
        "invoiceitem": "djstripe_invoiceitem",
        "issuing.authorization": "djstripe_issuing_authorization",
        "issuing.card": "djstripe_issuing_card",
        "issuing.cardholder": "djstripe_issuing_cardholder",
        "issuing.dispute": "djstripe_issuing_dispute",
        "issuing.transaction": "djstripe_issuing_transaction",
        "line_item": "djstripe_lineitem",
        "payment_intent": "djstripe_paymentintent",
        "payment_method": "djstripe_paymentmethod",
        "payout": "djstripe_payout",
        "price": "djstripe_price",
        "product": "djstripe_product",
        "product_feature": "djstripe_productfeature",
        "promotion_code": "djstripe_promotioncode",
        "radar.early_fraud_warning": "djstripe_earlyfraudwarning",
        "refund": "djstripe_refund",
        "review": "djstripe_review",
        "setup_intent": "djstripe_setupintent",
        "shipping_rate": "djstripe_shippingrate",
        "source": "djstripe_source",
        "subscription": "djstripe_subscription",
        "subscription_item": "djstripe_subscriptionitem",
        "subscription_schedule": "djstripe_subscriptionschedule",
        "tax_code": "djstripe_taxcode",
        "tax_id": "djstripe_taxid",
        "tax_rate": "djstripe_taxrate",
        "transfer": "djstripe_transfer",
        "transfer_reversal": "djstripe_transferreversal",
        "webhook_endpoint": "djstripe_webhookendpoint",
    },
)

ENGINE = {
    "charge": "charges",
    "checkout.session": "checkout_sessions",
    "coupon": "coupons",
    "credit_note": "credit_notes",
    "customer": "customers",
    "dispute": "disputes",
    "entitlements.active_entitlement": "active_entitlements",
    "entitlements.feature": "features",
    "invoice": "invoices",
    "item": "checkout_session_line_items",
    "payment_intent": "payment_intents",
    "payment_method": "payment_methods",
    "plan": "plans",
    "price": "prices",
    "product": "products",
    "radar.early_fraud_warning": "early_fraud_warnings",
    "refund": "refunds",
    "review": "reviews",
    "setup_intent": "setup_intents",
    "subscription": "subscriptions",
    "subscription_item": "subscription_items",
    "subscription_schedule": "subscription_schedules",
    "tax_id": "tax_ids",
}

SUPABASE = Peer(
    name="@supabase/stripe-sync-engine",
    package="@supabase/stripe-sync-engine",
    command="syncBackfill({ object: 'all' }), syncFeatures(), syncEntitlements(customer)",
    schema="stripe",
    raw=None,
    tables={**ENGINE, "event": "events", "invoice_payment": "invoice_payments", "payout": "payouts"},
)

STRIPE = Peer(
    name="@stripe/sync-engine",
    package="@stripe/sync-engine",
    command="fullSync()",
    schema="stripe",
    raw=None,
    tables={**ENGINE, "account": "accounts"},
)

PEERS = [DJ_STRIPE, SUPABASE, STRIPE]
