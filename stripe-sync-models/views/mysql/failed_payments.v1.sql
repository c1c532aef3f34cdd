CREATE VIEW {view} AS
-- Payments that failed and have not been paid since. Amounts are whole minor units of the currency.
-- The documentation of stripe_sync_models::views has the rules.
WITH failed_charge AS (
    SELECT
        c.id,
        c.customer,
        c.currency,
        c.amount,
        c.created,
        c.payment_intent,
        c.failure_code,
        c.failure_message,
        c.outcome_reason,
        p.id AS known_intent,
        ROW_NUMBER() OVER (
            PARTITION BY COALESCE(c.payment_intent, c.id) ORDER BY c.created IS NULL, c.created DESC, c.id DESC
        ) AS place
    FROM {charges} c
    LEFT JOIN {payment_intents} p ON p.id = c.payment_intent
    WHERE c.deleted_at IS NULL
        AND c.status = 'failed'
        AND (p.id IS NULL OR p.status NOT IN ('succeeded', 'requires_capture', 'canceled'))
),
-- Payment intents that are not paid, and the attempts of each. Charges without one, or with one that the table does not have, are
-- payments themselves.
part AS (
    SELECT
        id AS payment,
        1 AS is_intent,
        customer,
        currency,
        amount,
        status,
        created,
        last_payment_error_code AS error_code,
        last_payment_error_decline_code AS error_decline_code,
        last_payment_error_message AS error_message,
        CASE
            WHEN last_payment_error_type IS NULL AND last_payment_error_code IS NULL AND last_payment_error_message IS NULL
                THEN 0
            ELSE 1
        END AS failures,
        0 AS failed_charges,
        NULL AS charge,
        NULL AS charge_intent,
        NULL AS failure_code,
        NULL AS failure_reason,
        NULL AS failure_message,
        NULL AS failed_at
    FROM {payment_intents}
    WHERE deleted_at IS NULL AND status NOT IN ('succeeded', 'requires_capture', 'canceled')
    UNION ALL
    SELECT
        COALESCE(payment_intent, id),
        0,
        CASE WHEN known_intent IS NULL AND place = 1 THEN customer END,
        CASE WHEN known_intent IS NULL AND place = 1 THEN currency END,
        CASE WHEN known_intent IS NULL AND place = 1 THEN amount END,
        CASE WHEN known_intent IS NULL THEN 'failed' END,
        CASE WHEN known_intent IS NULL AND place = 1 THEN created END,
        NULL,
        NULL,
        NULL,
        1,
        1,
        CASE WHEN place = 1 THEN id END,
        payment_intent,
        CASE WHEN place = 1 THEN failure_code END,
        CASE WHEN place = 1 THEN outcome_reason END,
        CASE WHEN place = 1 THEN failure_message END,
        CASE WHEN place = 1 THEN created END
    FROM failed_charge
),
payment AS (
    SELECT
        payment,
        MAX(is_intent) AS is_intent,
        MAX(customer) AS customer,
        MAX(currency) AS currency,
        MAX(amount) AS amount,
        MAX(status) AS status,
        MAX(created) AS created,
        COALESCE(MAX(error_code), MAX(failure_code)) AS failure_code,
        COALESCE(MAX(error_decline_code), MAX(failure_reason)) AS decline_code,
        COALESCE(MAX(error_message), MAX(failure_message)) AS failure_message,
        SUM(failures) AS failures,
        SUM(failed_charges) AS failed_charges,
        MAX(charge) AS charge,
        MAX(charge_intent) AS charge_intent,
        MAX(failed_at) AS failed_at
    FROM part
    GROUP BY payment
),
failed AS (
    SELECT
        CASE WHEN is_intent = 1 THEN 'payment_intent' ELSE 'charge' END AS kind,
        CASE WHEN is_intent = 1 THEN payment ELSE charge END AS id,
        CASE WHEN is_intent = 1 THEN payment ELSE charge_intent END AS payment_intent,
        charge,
        COALESCE(
            (
                SELECT MIN(ip.invoice)
                FROM {invoice_payments} ip
                WHERE ip.payment_payment_intent = payment AND ip.deleted_at IS NULL
            ),
            (
                SELECT MIN(ip.invoice)
                FROM {invoice_payments} ip
                WHERE ip.payment_charge = payment AND ip.payment_payment_intent IS NULL AND ip.deleted_at IS NULL
            )
        ) AS invoice,
        customer,
        currency,
        amount,
        status,
        failure_code,
        decline_code,
        failure_message,
        CASE WHEN failed_charges > 1 THEN failed_charges ELSE 1 END AS attempts,
        failed_at,
        created
    FROM payment
    WHERE failures > 0
        AND (
            is_intent = 1
            OR NOT EXISTS (
                SELECT 1
                FROM {charges} c
                WHERE c.payment_intent = charge_intent AND c.status = 'succeeded' AND c.deleted_at IS NULL
            )
        )
    UNION ALL
    -- Invoices of no payment that the tables have.
    SELECT
        'invoice', i.id, NULL, NULL, i.id, i.customer, i.currency, i.amount_remaining, i.status, NULL, NULL, NULL,
        i.attempt_count, NULL, i.created
    FROM {invoices} i
    WHERE i.deleted_at IS NULL
        AND i.status IN ('open', 'uncollectible')
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
    CAST(CASE WHEN i.attempt_count > failed.attempts THEN i.attempt_count ELSE failed.attempts END AS SIGNED) AS attempts,
    failed.failed_at,
    i.next_payment_attempt AS next_attempt_at,
    failed.created
FROM failed
LEFT JOIN {invoices} i ON i.id = failed.invoice
WHERE i.id IS NULL OR i.deleted_at IS NULL AND i.status IN ('open', 'uncollectible')
