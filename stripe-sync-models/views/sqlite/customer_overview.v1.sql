CREATE VIEW {view} AS
-- Customers, with a row for each currency in which there is anything to say. Amounts are whole minor units of the currency.
-- The documentation of stripe_sync_models::views has the rules.
WITH payment AS (
    SELECT
        customer,
        currency,
        id,
        created,
        COALESCE(amount_captured, amount) AS amount,
        ROW_NUMBER() OVER (
            PARTITION BY customer, currency ORDER BY created IS NULL, created DESC, id DESC
        ) AS place
    FROM {charges}
    WHERE deleted_at IS NULL AND status = 'succeeded' AND captured
),
entry AS (
    SELECT
        customer,
        currency,
        1 AS says_something,
        amount AS paid,
        1 AS payments,
        0 AS refunded,
        0 AS outstanding,
        0 AS open_invoices,
        0 AS active_subscriptions,
        CASE WHEN place = 1 THEN id END AS last_payment,
        CASE WHEN place = 1 THEN created END AS last_payment_at,
        CASE WHEN place = 1 THEN amount END AS last_payment_amount
    FROM payment
    UNION ALL
    -- A refund without a transaction gives back what was never taken.
    SELECT COALESCE(c.customer, r.customer), r.currency, 1, 0, 0, r.amount, 0, 0, 0, NULL, NULL, NULL
    FROM {refunds} r
    LEFT JOIN {charges} c ON c.id = r.charge
    WHERE r.deleted_at IS NULL
        AND r.balance_transaction IS NOT NULL
        AND COALESCE(r.status, 'succeeded') NOT IN ('failed', 'canceled')
    UNION ALL
    SELECT customer, currency, 1, 0, 0, 0, amount_remaining, 1, 0, NULL, NULL, NULL
    FROM {invoices}
    WHERE deleted_at IS NULL AND status = 'open'
    UNION ALL
    SELECT customer, currency, 1, 0, 0, 0, 0, 0, 1, NULL, NULL, NULL
    FROM {subscriptions}
    WHERE deleted_at IS NULL AND status IN ('active', 'past_due', 'trialing')
    UNION ALL
    SELECT id, currency, CASE WHEN currency IS NULL THEN 0 ELSE 1 END, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL
    FROM {customers}
    WHERE deleted_at IS NULL
),
total AS (
    SELECT
        customer,
        currency,
        MAX(says_something) AS says_something,
        COUNT(*) OVER (PARTITION BY customer) AS currencies,
        SUM(paid) AS paid,
        SUM(payments) AS payments,
        SUM(refunded) AS refunded,
        SUM(outstanding) AS outstanding,
        SUM(open_invoices) AS open_invoices,
        SUM(active_subscriptions) AS active_subscriptions,
        MAX(last_payment) AS last_payment,
        MAX(last_payment_at) AS last_payment_at,
        MAX(last_payment_amount) AS last_payment_amount
    FROM entry
    GROUP BY customer, currency
)
SELECT
    c.id AS customer,
    c.name,
    c.email,
    total.currency,
    CAST(COALESCE(total.paid, 0) AS INTEGER) AS lifetime_paid,
    CAST(COALESCE(total.refunded, 0) AS INTEGER) AS lifetime_refunded,
    CAST(COALESCE(total.outstanding, 0) AS INTEGER) AS outstanding,
    CAST(total.open_invoices AS INTEGER) AS open_invoices,
    CAST(total.active_subscriptions AS INTEGER) AS active_subscriptions,
    CAST(total.payments AS INTEGER) AS payments,
    total.last_payment,
    total.last_payment_at,
    total.last_payment_amount,
    CASE WHEN total.currency = c.currency OR total.currency IS NULL THEN c.balance END AS balance,
    c.delinquent,
    c.created
FROM total
JOIN {customers} c ON c.id = total.customer
-- A customer without a currency has a row if there is no other.
WHERE c.deleted_at IS NULL AND (total.says_something = 1 OR total.currencies = 1)
