//! Which of the two forms of an event handlers follow.
//!
//! Stripe tells of one change in a snapshot event and in a thin one, to endpoints that want them, with two ids. Nothing but a
//! request each tells which two belong together; so handlers follow one form, and the other one only leads to reads.

use crate::webhook::event::EventForm;

/// Stripe's prefix of thin types about v1 resources.
const V1: &str = "v1.";
/// The beginning of thin types about v2 resources, of which there are no snapshot events.
const V2: &str = "v2.";

/// The form of events that handlers are called for, where a change is told in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HandlerForm {
    /// Snapshot events, which Stripe's list of events has too.
    #[default]
    Snapshot,
    /// Thin events. No list brings those that are lost.
    Thin,
}

impl HandlerForm {
    /// Whether handlers are called for events of a type, as Stripe writes it. A type that is not known is taken for one that
    /// is there in both forms.
    pub(crate) fn follows(self, kind: &str) -> bool {
        match (self, form_of(kind)) {
            (Self::Snapshot, EventForm::Snapshot) | (Self::Thin, EventForm::Thin) => true,
            (Self::Snapshot, EventForm::Thin) => {
                kind.starts_with(V2) || THIN_ONLY.binary_search(&plain(kind)).is_ok()
            }
            (Self::Thin, EventForm::Snapshot) => is_snapshot_only(kind),
        }
    }
}

/// The type without the prefix of thin events about v1 resources.
pub(crate) fn plain(kind: &str) -> &str {
    kind.strip_prefix(V1).unwrap_or(kind)
}

/// The form whose types are written like this.
fn form_of(kind: &str) -> EventForm {
    match is_snapshot(kind) {
        true => EventForm::Snapshot,
        false => EventForm::Thin,
    }
}

/// Whether a type is written as those of snapshot events are.
pub(crate) fn is_snapshot(kind: &str) -> bool {
    !kind.starts_with(V1) && !kind.starts_with(V2)
}

/// Whether a type of snapshot events has no thin one beside it.
fn is_snapshot_only(kind: &str) -> bool {
    let mut beginnings = SNAPSHOT_ONLY.iter();
    beginnings.any(|beginning| kind.starts_with(beginning))
}

/// How the types of snapshot events begin that Stripe's thin types lack.
const SNAPSHOT_ONLY: &[&str] = &[
    "apps.install.",
    "customer.source.",
    "financial_connections.authorization.",
    "reporting.",
    "reserve.",
    "source.mandate_notification",
    "source.transaction.",
    "three_d_secure.",
    "treasury.",
];

/// Thin types about v1 resources that no snapshot event has, without their prefix.
pub(crate) const THIN_ONLY: &[&str] = &[
    "billing.meter.error_report_triggered",
    "billing.meter.no_meter_found",
    "customer.discount.source_changed",
    "customer.subscription.active",
    "customer.subscription.cancel_at_changed",
    "customer.subscription.default_payment_method_changed",
    "customer.subscription.incomplete",
    "customer.subscription.incomplete_expired",
    "customer.subscription.item_added",
    "customer.subscription.item_price_changed",
    "customer.subscription.item_quantity_changed",
    "customer.subscription.item_removed",
    "customer.subscription.item_tax_rates_changed",
    "customer.subscription.past_due",
    "customer.subscription.trialing",
    "customer.subscription.unpaid",
    "entitlements.active_entitlement_summary.entitlement_added",
    "entitlements.active_entitlement_summary.entitlement_removed",
    "financial_connections.account.balance_refresh_failed",
    "financial_connections.account.balance_refresh_succeeded",
    "financial_connections.account.inferred_balances_refresh_failed",
    "financial_connections.account.inferred_balances_refresh_succeeded",
    "financial_connections.account.ownership_refresh_failed",
    "financial_connections.account.ownership_refresh_succeeded",
    "financial_connections.account.risk_intelligence_refresh_failed",
    "financial_connections.account.risk_intelligence_refresh_succeeded",
    "financial_connections.account.transactions_refresh_failed",
    "financial_connections.account.transactions_refresh_succeeded",
    "invoice.discount_added",
    "invoice.discount_removed",
    "invoice.line_item_added",
    "invoice.line_item_pricing_changed",
    "invoice.line_item_quantity_changed",
    "invoice.line_item_removed",
    "invoice_payment.canceled",
    "invoice_payment.open",
    "invoiceitem.amount_changed",
    "invoiceitem.discount_added",
    "invoiceitem.discount_removed",
    "price.activated",
    "price.deactivated",
    "price.lookup_key_changed",
    "price.tax_behavior_changed",
    "product.activated",
    "product.deactivated",
    "product.default_price_changed",
    "product.tax_code_changed",
    "promotion_code.fully_redeemed",
    "subscription_schedule.phase_added",
    "subscription_schedule.phase_default_tax_rates_changed",
    "subscription_schedule.phase_end_date_changed",
    "subscription_schedule.phase_removed",
    "subscription_schedule.phase_trial_end_changed",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_one_form_is_followed_in_it() {
        let (snapshot, thin) = (HandlerForm::Snapshot, HandlerForm::Thin);
        for (kind, in_snapshot, in_thin) in [
            ("customer.created", true, false),
            ("v1.customer.created", false, true),
            ("customer.source.created", true, true),
            ("v1.price.activated", true, true),
            ("v2.core.account.created", true, true),
            ("unknown.created", true, false),
            ("v1.unknown.created", false, true),
        ] {
            let follows = (snapshot.follows(kind), thin.follows(kind));
            assert_eq!(follows, (in_snapshot, in_thin), "{kind}");
        }
    }

    #[test]
    fn the_lists_are_in_order() {
        assert!(SNAPSHOT_ONLY.is_sorted() && THIN_ONLY.is_sorted());
    }

    /// Every such type that Stripe documents.
    const DOCUMENTED: &[&str] = &[
        "apps.install.created",
        "apps.install.deleted",
        "apps.install.updated",
        "customer.source.created",
        "customer.source.deleted",
        "customer.source.expiring",
        "customer.source.updated",
        "financial_connections.authorization.expected_deactivation_date_updated",
        "financial_connections.authorization.upcoming_deactivation",
        "reporting.report_run.failed",
        "reporting.report_run.succeeded",
        "reporting.report_type.updated",
        "reserve.hold.created",
        "reserve.hold.updated",
        "reserve.plan.created",
        "reserve.plan.disabled",
        "reserve.plan.expired",
        "reserve.plan.updated",
        "reserve.release.created",
        "source.mandate_notification",
        "source.transaction.created",
        "source.transaction.updated",
        "three_d_secure.authentication.canceled",
        "three_d_secure.authentication.challenge_started",
        "three_d_secure.authentication.errored",
        "three_d_secure.authentication.failed",
        "three_d_secure.authentication.requires_challenge",
        "three_d_secure.authentication.requires_submission",
        "three_d_secure.authentication.succeeded",
        "treasury.credit_reversal.created",
        "treasury.credit_reversal.posted",
        "treasury.debit_reversal.completed",
        "treasury.debit_reversal.created",
        "treasury.debit_reversal.initial_credit_granted",
        "treasury.financial_account.closed",
        "treasury.financial_account.created",
        "treasury.financial_account.features_status_updated",
        "treasury.inbound_transfer.canceled",
        "treasury.inbound_transfer.created",
        "treasury.inbound_transfer.failed",
        "treasury.inbound_transfer.succeeded",
        "treasury.outbound_payment.canceled",
        "treasury.outbound_payment.created",
        "treasury.outbound_payment.expected_arrival_date_updated",
        "treasury.outbound_payment.failed",
        "treasury.outbound_payment.posted",
        "treasury.outbound_payment.returned",
        "treasury.outbound_payment.tracking_details_updated",
        "treasury.outbound_transfer.canceled",
        "treasury.outbound_transfer.created",
        "treasury.outbound_transfer.expected_arrival_date_updated",
        "treasury.outbound_transfer.failed",
        "treasury.outbound_transfer.posted",
        "treasury.outbound_transfer.returned",
        "treasury.outbound_transfer.tracking_details_updated",
        "treasury.received_credit.created",
        "treasury.received_credit.failed",
        "treasury.received_credit.succeeded",
        "treasury.received_debit.created",
    ];

    #[test]
    fn a_beginning_stands_for_these_types_and_no_others() {
        for kind in DOCUMENTED {
            assert!(is_snapshot_only(kind), "{kind}");
        }
        let known = stripe_sync_schema::catalogue::event_types().iter();
        for kind in known.chain(THIN_ONLY) {
            assert_eq!(is_snapshot_only(kind), DOCUMENTED.contains(kind), "{kind}");
        }
    }
}
