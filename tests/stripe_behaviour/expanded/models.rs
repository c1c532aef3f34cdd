//! A model of each member, made from the schema: `SNAPSHOTS=overwrite` writes the file again.

use super::members;

members! {
    ChargeRefunds "charge" "charge_refunds" [refunds];
    CheckoutSessionLineItems "checkout.session" "checkout_session_line_items" [line_items];
    CheckoutSessionShippingCostTaxes "checkout.session" "checkout_session_shipping_cost_taxes" [shipping_cost.taxes];
    CheckoutSessionTotalDetailsBreakdown "checkout.session" "checkout_session_total_details_breakdown" [total_details.breakdown];
    CouponAppliesTo "coupon" "coupon_applies_to" [applies_to];
    CouponCurrencyOptions "coupon" "coupon_currency_options" [currency_options];
    CreditNoteShippingCostTaxes "credit_note" "credit_note_shipping_cost_taxes" [shipping_cost.taxes];
    CustomerCashBalance "customer" "customer_cash_balance" [cash_balance];
    CustomerInvoiceCreditBalance "customer" "customer_invoice_credit_balance" [invoice_credit_balance];
    CustomerSources "customer" "customer_sources" [sources];
    CustomerSubscriptions "customer" "customer_subscriptions" [subscriptions];
    CustomerTax "customer" "customer_tax" [tax];
    CustomerTaxIds "customer" "customer_tax_ids" [tax_ids];
    FileLinks "file" "file_links" [links];
    InvoiceConfirmationSecret "invoice" "invoice_confirmation_secret" [confirmation_secret];
    InvoicePayments "invoice" "invoice_payments" [payments];
    InvoiceShippingCostTaxes "invoice" "invoice_shipping_cost_taxes" [shipping_cost.taxes];
    ItemDiscounts "item" "item_discounts" [discounts];
    ItemTaxes "item" "item_taxes" [taxes];
    PaymentLinkLineItems "payment_link" "payment_link_line_items" [line_items];
    PaymentMethodKlarnaDob "payment_method" "payment_method_klarna_dob" [klarna.dob];
    PlanTiers "plan" "plan_tiers" [tiers];
    PriceCurrencyOptions "price" "price_currency_options" [currency_options];
    PriceTiers "price" "price_tiers" [tiers];
    QuoteComputedUpfrontLineItems "quote" "quote_computed_upfront_line_items" [computed.upfront.line_items];
    QuoteLineItems "quote" "quote_line_items" [line_items];
    ShippingRateFixedAmountCurrencyOptions "shipping_rate" "shipping_rate_fixed_amount_currency_options" [fixed_amount.currency_options];
    TreasuryTransactionEntries "treasury.transaction" "treasury_transaction_entries" [entries];
}
