CREATE VIEW {view} AS
-- Payments that failed and have not been paid since. Amounts are whole minor units of the currency.
-- The documentation of stripe_sync_models::views has the rules.
WITH failure AS (
    SELECT
        id,
        customer,
        currency,
        amount,
        status,
        created,
        payment_intent,
        failure_code,
        failure_message,
        outcome_reason,
        ROW_NUMBER() OVER (
            PARTITION BY COALESCE(payment_intent, id) ORDER BY created IS NULL, created DESC, id COLLATE "C" DESC
        ) AS place,
        COUNT(*) OVER (PARTITION BY COALESCE(payment_intent, id)) AS failures
    FROM {charges}
    WHERE deleted_at IS NULL AND status = 'failed'
),
-- The invoice that a payment pays. A payment pays one.
link AS (
    SELECT COALESCE(payment_payment_intent, payment_charge) AS payment, MIN(invoice) AS invoice
    FROM {invoice_payments}
    WHERE deleted_at IS NULL
    GROUP BY COALESCE(payment_payment_intent, payment_charge)
),
failed AS (
    SELECT
        'payment_intent' AS kind,
        p.id,
        p.id AS payment_intent,
        f.id AS charge,
        link.invoice,
        p.customer,
        p.currency,
        p.amount,
        p.status,
        COALESCE(p.last_payment_error_code, f.failure_code) AS failure_code,
        COALESCE(p.last_payment_error_decline_code, f.outcome_reason) AS decline_code,
        COALESCE(p.last_payment_error_message, f.failure_message) AS failure_message,
        COALESCE(f.failures, 1) AS failures,
        f.created AS failed_at,
        p.created
    FROM {payment_intents} p
    LEFT JOIN failure f ON f.payment_intent = p.id AND f.place = 1
    LEFT JOIN link ON link.payment = p.id
    WHERE p.deleted_at IS NULL
        AND p.status NOT IN ('succeeded', 'requires_capture', 'canceled')
        AND (
            f.id IS NOT NULL
            OR p.last_payment_error_type IS NOT NULL
            OR p.last_payment_error_code IS NOT NULL
            OR p.last_payment_error_message IS NOT NULL
        )
    UNION ALL
    -- Charges of no payment intent, or of one that the table does not have.
    SELECT
        'charge',
        f.id,
        f.payment_intent,
        f.id,
        link.invoice,
        f.customer,
        f.currency,
        f.amount,
        f.status,
        f.failure_code,
        f.outcome_reason,
        f.failure_message,
        f.failures,
        f.created,
        f.created
    FROM failure f
    LEFT JOIN {payment_intents} p ON p.id = f.payment_intent
    LEFT JOIN link ON link.payment = COALESCE(f.payment_intent, f.id)
    WHERE f.place = 1
        AND p.id IS NULL
        AND NOT EXISTS (
            SELECT 1
            FROM {charges} c
            WHERE c.payment_intent = f.payment_intent AND c.status = 'succeeded' AND c.deleted_at IS NULL
        )
    UNION ALL
    -- Invoices of no payment that the tables have.
    SELECT
        'invoice', i.id, NULL, NULL, i.id, i.customer, i.currency, i.amount_remaining, i.status, NULL, NULL, NULL,
        i.attempt_count, NULL, i.created
    FROM {invoices} i
    WHERE i.deleted_at IS NULL
        AND i.attempt_count > 0
        AND i.amount_remaining > 0
        AND NOT EXISTS (
            SELECT 1
            FROM {invoice_payments} ip
            JOIN {payment_intents} p ON p.id = ip.payment_payment_intent
            WHERE ip.invoice = i.id AND ip.deleted_at IS NULL AND p.status <> 'canceled'
        )
        AND NOT EXISTS (
            SELECT 1
            FROM {invoice_payments} ip
            JOIN {charges} c ON c.id = ip.payment_charge
            WHERE ip.invoice = i.id AND ip.deleted_at IS NULL
        )
)
SELECT
    failed.kind,
    failed.id,
    failed.payment_intent,
    failed.charge,
    failed.invoice,
    i.status AS invoice_status,
    i.subscription,
    failed.customer,
    failed.currency,
    failed.amount,
    failed.status,
    failed.failure_code,
    failed.decline_code,
    failed.failure_message,
    CASE WHEN i.attempt_count > failed.failures THEN i.attempt_count ELSE failed.failures END AS attempts,
    failed.failed_at,
    i.next_payment_attempt AS next_attempt_at,
    failed.created
FROM failed
LEFT JOIN {invoices} i ON i.id = failed.invoice
WHERE i.id IS NULL OR i.deleted_at IS NULL AND i.status IN ('open', 'uncollectible')
