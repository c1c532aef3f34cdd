-- Every transaction of the balance with the balance after it, for each currency and kind of balance by itself.
--
-- Amounts are in the minor unit of `currency`. `balance_after` adds up `net`, pending money too: `status` says which is
-- available. Transactions of one second are in the order of their ids.
CREATE VIEW {view} AS
SELECT
    t.id AS balance_transaction,
    t.created,
    t.available_on,
    t.status,
    t.type,
    t.reporting_category,
    t.balance_type,
    t.currency,
    t.amount,
    t.fee,
    t.net,
    CAST(SUM(t.net) OVER (
        PARTITION BY t.currency, t.balance_type
        ORDER BY t.created, t.id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS SIGNED) AS balance_after,
    t.source,
    t.description
FROM {balance_transactions} t
WHERE t.deleted_at IS NULL;
