//! Accounts, and money that moves between them and out of Stripe; events and files.

use super::{apart, gone, meant, path};
use crate::fields::moved::Move;

const ACCOUNTS: &str = "2019-02-19";
const PAYOUTS: &str = "2017-04-06";

const TRANSFER: &str = "it is a member of a `payout`, which goes to a bank or a card; a transfer goes to another account of Stripe's, and is complete when it is made";
const FEE: &str = "derive a model of `balance_transaction`, which has the fee, and which `balance_transaction` names";

pub(super) const MOVES: &[Move] = &[
    path(
        "account",
        "business_logo",
        ACCOUNTS,
        "settings.branding.icon",
    ),
    path(
        "account",
        "business_logo_large",
        ACCOUNTS,
        "settings.branding.logo",
    ),
    path(
        "account",
        "business_name",
        ACCOUNTS,
        "business_profile.name",
    ),
    path(
        "account",
        "business_primary_color",
        ACCOUNTS,
        "settings.branding.primary_color",
    ),
    path("account", "business_url", ACCOUNTS, "business_profile.url"),
    path(
        "account",
        "debit_negative_balances",
        ACCOUNTS,
        "settings.payouts.debit_negative_balances",
    ),
    path(
        "account",
        "decline_charge_on",
        ACCOUNTS,
        "settings.card_payments.decline_on",
    ),
    path(
        "account",
        "display_name",
        ACCOUNTS,
        "settings.dashboard.display_name",
    ),
    gone(
        "account",
        "legal_entity",
        ACCOUNTS,
        "it is `individual` or `company`, and `business_type` says which",
    ),
    path(
        "account",
        "payout_schedule",
        ACCOUNTS,
        "settings.payouts.schedule",
    ),
    path(
        "account",
        "payout_statement_descriptor",
        ACCOUNTS,
        "settings.payouts.statement_descriptor",
    ),
    path(
        "account",
        "product_description",
        ACCOUNTS,
        "business_profile.product_description",
    ),
    path(
        "account",
        "statement_descriptor",
        ACCOUNTS,
        "settings.payments.statement_descriptor",
    ),
    path(
        "account",
        "support_email",
        ACCOUNTS,
        "business_profile.support_email",
    ),
    path(
        "account",
        "support_phone",
        ACCOUNTS,
        "business_profile.support_phone",
    ),
    path(
        "account",
        "support_url",
        ACCOUNTS,
        "business_profile.support_url",
    ),
    path(
        "account",
        "timezone",
        ACCOUNTS,
        "settings.dashboard.timezone",
    ),
    meant("account", "transfers_enabled", "payouts_enabled"),
    path("account", "verification", ACCOUNTS, "requirements"),
    meant("event", "request_id", "request.id"),
    meant("event", "user_id", "account"),
    apart(
        "file",
        "link",
        "derive a model of `file_link`, which names its `file`",
    ),
    meant("payout", "bank_account", "destination"),
    apart("payout", "fee", FEE),
    apart("payout", "fee_details", FEE),
    gone("transfer", "bank_account", PAYOUTS, TRANSFER),
    gone("transfer", "card", PAYOUTS, TRANSFER),
    gone("transfer", "failure_code", PAYOUTS, TRANSFER),
    gone("transfer", "failure_message", PAYOUTS, TRANSFER),
    apart("transfer", "fee", FEE),
    apart("transfer", "fee_details", FEE),
    gone("transfer", "method", PAYOUTS, TRANSFER),
    gone("transfer", "status", PAYOUTS, TRANSFER),
    gone("transfer", "type", PAYOUTS, TRANSFER),
];
