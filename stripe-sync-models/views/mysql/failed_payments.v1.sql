-- Payments that failed and were not paid since: a row for each payment intent, and for each charge without one.
--
-- `amount` is in the minor unit of `currency`. `charge` is the newest that failed, with the reason; `attempts` counts those that
-- failed. A payment is left out as soon as one of its charges, itself or its invoice is paid.
CREATE VIEW {view} AS
WITH attempts AS (
    SELECT
        COALESCE(c.payment_intent, c.id) AS payment,
        c.id AS charge,
        c.payment_intent,
        c.customer,
        c.amount,
        c.currency,
        c.failure_code,
        c.outcome_reason,
        c.failure_message,
        c.created,
        ROW_NUMBER() OVER (
            PARTITION BY COALESCE(c.payment_intent, c.id) ORDER BY c.created DESC, c.id DESC
        ) AS place,
        COUNT(*) OVER (PARTITION BY COALESCE(c.payment_intent, c.id)) AS attempts,
        MIN(c.created) OVER (PARTITION BY COALESCE(c.payment_intent, c.id)) AS first_failed_at
    FROM {charges} c
    WHERE c.status = 'failed' AND c.deleted_at IS NULL
),
invoiced AS (
    SELECT p.payment_payment_intent AS payment_intent, MIN(p.invoice) AS invoice
    FROM {invoice_payments} p
    WHERE p.payment_payment_intent IS NOT NULL AND p.deleted_at IS NULL
    GROUP BY p.payment_payment_intent
)
SELECT
    a.charge,
    a.payment_intent,
    a.customer,
    v.invoice,
    a.currency,
    a.amount,
    a.failure_code,
    a.outcome_reason,
    a.failure_message,
    CAST(a.attempts AS SIGNED) AS attempts,
    a.first_failed_at,
    a.created AS last_failed_at,
    i.status AS payment_status,
    n.status AS invoice_status,
    n.next_payment_attempt
FROM attempts a
LEFT JOIN {payment_intents} i ON i.id = a.payment_intent
LEFT JOIN invoiced v ON v.payment_intent = a.payment_intent
LEFT JOIN {invoices} n ON n.id = v.invoice
WHERE a.place = 1
    AND COALESCE(i.status, '') <> 'succeeded'
    AND COALESCE(n.status, '') <> 'paid'
    AND NOT EXISTS (
        SELECT 1
        FROM {charges} s
        WHERE s.status = 'succeeded' AND COALESCE(s.payment_intent, s.id) = a.payment
    );
