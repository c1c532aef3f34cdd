-- What each customer has paid and owes: a row for each currency, and one without amounts for a customer who has none.
--
-- Amounts are in the minor unit of `currency`. `paid_amount`: captured by charges that succeeded; `refunded_amount`: what of it
-- was given back; lost disputes are not taken off. `open_amount`: what open invoices still ask for. `balance` is what later
-- invoices add, or take off if it is negative; it stands in the row of the customer's own currency.
CREATE VIEW {view} AS
WITH facts AS (
    SELECT
        c.customer,
        c.currency,
        COALESCE(c.amount_captured, c.amount) AS paid,
        COALESCE(c.amount_refunded, 0) AS refunded,
        0 AS owed,
        0 AS invoices,
        0 AS subscriptions,
        1 AS payments,
        c.created AS paid_at
    FROM {charges} c
    WHERE c.status = 'succeeded' AND c.captured AND c.deleted_at IS NULL
    UNION ALL
    SELECT i.customer, i.currency, 0, 0, COALESCE(i.amount_remaining, 0), 1, 0, 0, NULL
    FROM {invoices} i
    WHERE i.status = 'open' AND i.deleted_at IS NULL
    UNION ALL
    SELECT s.customer, s.currency, 0, 0, 0, 0, 1, 0, NULL
    FROM {subscriptions} s
    WHERE s.status IN ('active', 'trialing', 'past_due') AND s.deleted_at IS NULL
),
sums AS (
    SELECT
        f.customer,
        f.currency,
        SUM(f.paid) AS paid,
        SUM(f.refunded) AS refunded,
        SUM(f.owed) AS owed,
        SUM(f.invoices) AS invoices,
        SUM(f.subscriptions) AS subscriptions,
        SUM(f.payments) AS payments,
        MAX(f.paid_at) AS paid_at
    FROM facts f
    GROUP BY f.customer, f.currency
)
SELECT
    k.id AS customer,
    k.name,
    k.email,
    k.created,
    k.delinquent,
    COALESCE(f.currency, k.currency) AS currency,
    CAST(COALESCE(f.paid, 0) AS {{integer}}) AS paid_amount,
    CAST(COALESCE(f.refunded, 0) AS {{integer}}) AS refunded_amount,
    CAST(COALESCE(f.owed, 0) AS {{integer}}) AS open_amount,
    CAST(COALESCE(f.invoices, 0) AS {{integer}}) AS open_invoices,
    CAST(COALESCE(f.subscriptions, 0) AS {{integer}}) AS active_subscriptions,
    CAST(COALESCE(f.payments, 0) AS {{integer}}) AS payments,
    f.paid_at AS last_payment_at,
    CASE WHEN f.currency IS NULL OR f.currency = k.currency THEN k.balance END AS balance
FROM {customers} k
LEFT JOIN sums f ON f.customer = k.id
WHERE k.deleted_at IS NULL;
