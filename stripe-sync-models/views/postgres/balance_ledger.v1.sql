CREATE VIEW {view} AS
-- The transactions of the balance, in order, each with the balance after it, in one currency and of one kind of balance.
-- Amounts are whole minor units of the currency. The documentation of stripe_sync_models::views has the rules.
WITH entry AS (
    SELECT
        b.id,
        b.created,
        b.available_on,
        COALESCE(b.balance_type, 'payments') AS balance_type,
        b.currency,
        b.type,
        b.reporting_category,
        b.description,
        b.source,
        p.id AS payout,
        p.status AS payout_status,
        p.arrival_date AS payout_arrival_date,
        b.status,
        COALESCE(b.status = 'available' OR b.available_on <= now(), FALSE) AS is_available,
        b.amount,
        b.fee,
        b.net
    FROM {balance_transactions} b
    LEFT JOIN {payouts} p ON p.id = b.source
    WHERE b.deleted_at IS NULL
)
SELECT
    entry.*,
    CAST(SUM(COALESCE(net, 0)) OVER ledger AS bigint) AS balance,
    CAST(SUM(CASE WHEN is_available THEN COALESCE(net, 0) ELSE 0 END) OVER ledger AS bigint) AS available_balance,
    CAST(SUM(CASE WHEN is_available THEN 0 ELSE COALESCE(net, 0) END) OVER ledger AS bigint) AS pending_balance
FROM entry
WINDOW ledger AS (
    PARTITION BY balance_type, currency
    ORDER BY created IS NULL, created, id COLLATE "C"
    ROWS UNBOUNDED PRECEDING
)
