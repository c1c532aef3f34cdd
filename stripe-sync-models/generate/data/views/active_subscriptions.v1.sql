-- Subscriptions that a customer has (`active`, `trialing`, `past_due`), each with what it comes to in a month.
--
-- Amounts are in the minor unit of `currency`. A month is a twelfth of a year: 365 days, 52 weeks. The amount of an item is
-- rounded to the minor unit, once for its period and once for the month, and each discount once more.
-- `monthly_list_amount`: all items with a price in the subscription's currency; metered items have no amount.
-- `monthly_amount`: less the discounts of the subscription, or those of its customer if it has none, in their order. A coupon
-- that counts once is no part of a month. Discounts of single items are not taken off: `discounted_items` counts these.
-- On trial nothing is due until `trial_end`.
CREATE VIEW {view} AS
WITH RECURSIVE quantities AS (
    SELECT
        i.id AS item,
        i.subscription,
        p.id AS price,
        p.recurring_interval AS period,
        CASE WHEN p.id IS NOT NULL THEN COALESCE(p.recurring_interval_count, 1) END AS periods,
        p.recurring_usage_type AS usage_type,
        p.billing_scheme,
        p.tiers_mode,
        COALESCE(p.unit_amount_decimal, p.unit_amount) * {{exact}} AS unit,
        CASE
            WHEN p.transform_quantity_divide_by > 0 AND p.transform_quantity_round = 'up'
                THEN (COALESCE(i.quantity, 1) + p.transform_quantity_divide_by - 1) {{div}} p.transform_quantity_divide_by
            WHEN p.transform_quantity_divide_by > 0
                THEN COALESCE(i.quantity, 1) {{div}} p.transform_quantity_divide_by
            ELSE COALESCE(i.quantity, 1)
        END AS quantity,
        CASE WHEN {{json_length}}(i.discounts) > 0 THEN 1 ELSE 0 END AS is_discounted
    FROM {subscription_items} i
    JOIN {subscriptions} s ON s.id = i.subscription
    LEFT JOIN {prices} p ON p.id = i.price AND p.currency = s.currency
    WHERE s.status IN ('active', 'trialing', 'past_due') AND s.deleted_at IS NULL AND i.deleted_at IS NULL
),
steps AS (
    SELECT
        t.price,
        t.up_to,
        COALESCE(LAG(t.up_to) OVER (PARTITION BY t.price ORDER BY t.position), 0) AS above,
        COALESCE(t.unit_amount_decimal, t.unit_amount, 0) * {{exact}} AS unit,
        COALESCE(t.flat_amount_decimal, t.flat_amount, 0) * {{exact}} AS flat
    FROM {price_tiers} t
),
tiered AS (
    SELECT
        q.item,
        SUM(t.flat + t.unit * CASE
            WHEN q.tiers_mode = 'volume' THEN q.quantity
            WHEN t.up_to IS NULL OR q.quantity < t.up_to THEN q.quantity - t.above
            ELSE t.up_to - t.above
        END) AS amount
    FROM quantities q
    JOIN steps t ON t.price = q.price AND (q.quantity > t.above OR t.above = 0)
    WHERE q.billing_scheme = 'tiered' AND (q.tiers_mode <> 'volume' OR t.up_to IS NULL OR q.quantity <= t.up_to)
    GROUP BY q.item
),
amounts AS (
    SELECT
        q.item,
        q.subscription,
        q.period,
        q.periods,
        q.is_discounted,
        CASE WHEN q.usage_type = 'metered' THEN 1 ELSE 0 END AS is_metered,
        ROUND(CASE
            WHEN q.usage_type = 'metered' THEN NULL
            WHEN q.billing_scheme = 'tiered' THEN t.amount
            ELSE q.unit * q.quantity
        END) AS amount
    FROM quantities q
    LEFT JOIN tiered t ON t.item = q.item
),
months AS (
    SELECT
        a.subscription,
        a.period,
        a.periods,
        a.is_discounted,
        a.is_metered,
        CAST(ROUND(CASE a.period
            WHEN 'day' THEN a.amount * 365 * {{exact}} / (12 * a.periods)
            WHEN 'week' THEN a.amount * 52 * {{exact}} / (12 * a.periods)
            WHEN 'month' THEN a.amount * {{exact}} / a.periods
            WHEN 'year' THEN a.amount * {{exact}} / (12 * a.periods)
        END) AS {{integer}}) AS amount
    FROM amounts a
),
listed AS (
    SELECT
        s.id AS subscription,
        MIN(m.period) AS period,
        MIN(m.periods) AS periods,
        COUNT(m.subscription) AS items,
        COUNT(m.amount) AS priced_items,
        COALESCE(SUM(m.is_metered), 0) AS metered_items,
        COALESCE(SUM(m.is_discounted), 0) AS discounted_items,
        COALESCE(SUM(m.amount), 0) AS amount
    FROM {subscriptions} s
    LEFT JOIN months m ON m.subscription = s.id
    WHERE s.status IN ('active', 'trialing', 'past_due') AND s.deleted_at IS NULL
    GROUP BY s.id
),
discounts AS (
    SELECT s.id AS subscription, {{place}} AS place, c.percent_off, c.amount_off
    FROM {subscriptions} s
    {{discounts}}
    JOIN {coupons} c ON c.id = {{coupon}}
    WHERE c.duration <> 'once'
        AND ({{ends}} IS NULL OR {{ends}} > {{now}})
        AND (c.amount_off IS NULL OR c.currency = s.currency)
    UNION ALL
    SELECT s.id, 0, c.percent_off, c.amount_off
    FROM {subscriptions} s
    JOIN {customers} k ON k.id = s.customer
    JOIN {coupons} c ON c.id = k.discount_coupon
    WHERE COALESCE({{json_length}}(s.discounts), 0) = 0
        AND c.duration <> 'once'
        AND (k.discount_end IS NULL OR {{seconds}} > {{now}})
        AND (c.amount_off IS NULL OR c.currency = s.currency)
),
ordered AS (
    SELECT
        d.subscription,
        CAST(ROW_NUMBER() OVER (PARTITION BY d.subscription ORDER BY d.place) AS {{integer}}) AS step,
        CAST(d.percent_off AS DECIMAL(7, 4)) AS percent_off,
        CAST(ROUND(CASE l.period
            WHEN 'day' THEN d.amount_off * 365 * {{exact}} / (12 * l.periods)
            WHEN 'week' THEN d.amount_off * 52 * {{exact}} / (12 * l.periods)
            WHEN 'month' THEN d.amount_off * {{exact}} / l.periods
            WHEN 'year' THEN d.amount_off * {{exact}} / (12 * l.periods)
        END) AS {{integer}}) AS amount_off
    FROM discounts d
    JOIN listed l ON l.subscription = d.subscription
),
discounted AS (
    SELECT l.subscription, CAST(0 AS {{integer}}) AS step, CAST(l.amount AS {{integer}}) AS amount
    FROM listed l
    UNION ALL
    SELECT
        b.subscription,
        o.step,
        CAST(CASE
            WHEN o.percent_off IS NOT NULL THEN ROUND(b.amount * {{exact}} * (100 - o.percent_off) / 100)
            WHEN b.amount > o.amount_off THEN b.amount - o.amount_off
            WHEN o.amount_off IS NULL THEN b.amount
            ELSE 0
        END AS {{integer}})
    FROM discounted b
    JOIN ordered o ON o.subscription = b.subscription AND o.step = b.step + 1
),
due AS (
    SELECT b.subscription, MIN(b.amount) AS amount, MAX(b.step) AS discounts
    FROM discounted b
    GROUP BY b.subscription
)
SELECT
    s.id AS subscription,
    s.customer,
    s.status,
    s.currency,
    CAST(l.amount AS {{integer}}) AS monthly_list_amount,
    CAST(d.amount AS {{integer}}) AS monthly_amount,
    CAST(d.discounts AS {{integer}}) AS discounts,
    CAST(l.items AS {{integer}}) AS items,
    CAST(l.priced_items AS {{integer}}) AS priced_items,
    CAST(l.metered_items AS {{integer}}) AS metered_items,
    CAST(l.discounted_items AS {{integer}}) AS discounted_items,
    s.trial_end,
    s.cancel_at,
    s.pause_collection_behavior
FROM {subscriptions} s
JOIN listed l ON l.subscription = s.id
JOIN due d ON d.subscription = s.id;
