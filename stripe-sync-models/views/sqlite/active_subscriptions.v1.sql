CREATE VIEW {view} AS
-- Subscriptions whose status is active, past_due or trialing, with the amount that each brings in a month, in whole minor units
-- of its currency. The documentation of stripe_sync_models::views has the rules.
WITH RECURSIVE
subscription AS (
    SELECT id, customer, currency, discounts
    FROM {subscriptions}
    WHERE deleted_at IS NULL AND status IN ('active', 'past_due', 'trialing')
),
-- A price that is not in its table, such as one that was made for this subscription alone, stands in the item.
bought AS (
    SELECT
        i.id AS item_id,
        s.id AS subscription_id,
        s.currency AS subscription_currency,
        COALESCE(i.quantity, 1) AS quantity,
        i.discounts,
        i.price AS price_id,
        p.product,
        p.currency,
        p.currency_options,
        p.unit_amount,
        p.unit_amount_decimal,
        p.billing_scheme,
        p.tiers_mode,
        p.transform_quantity_divide_by,
        p.transform_quantity_round,
        p.recurring_interval,
        p.recurring_interval_count,
        p.recurring_usage_type,
        CASE WHEN p.id IS NULL THEN json_extract(i.raw, '$.price') END AS inside
    FROM subscription s
    JOIN {subscription_items} i ON i.subscription = s.id
    LEFT JOIN {prices} p ON p.id = i.price
    WHERE i.deleted_at IS NULL
),
item AS (
    SELECT
        item_id,
        subscription_id,
        subscription_currency,
        quantity,
        discounts,
        price_id,
        currency_options,
        COALESCE(product, json_extract(inside, '$.product')) AS product,
        COALESCE(currency, json_extract(inside, '$.currency')) AS price_currency,
        COALESCE(
            CAST(unit_amount_decimal AS REAL),
            unit_amount,
            CAST(json_extract(inside, '$.unit_amount_decimal') AS REAL),
            json_extract(inside, '$.unit_amount')
        ) AS unit_amount,
        COALESCE(billing_scheme, json_extract(inside, '$.billing_scheme')) AS billing_scheme,
        COALESCE(tiers_mode, json_extract(inside, '$.tiers_mode')) AS tiers_mode,
        COALESCE(transform_quantity_divide_by, json_extract(inside, '$.transform_quantity.divide_by')) AS divide_by,
        COALESCE(transform_quantity_round, json_extract(inside, '$.transform_quantity.round')) AS divided_goes,
        COALESCE(recurring_interval, json_extract(inside, '$.recurring.interval')) AS period,
        COALESCE(recurring_interval_count, json_extract(inside, '$.recurring.interval_count'), 1) AS period_count,
        COALESCE(recurring_usage_type, json_extract(inside, '$.recurring.usage_type'), 'licensed') AS usage_type
    FROM bought
),
licensed AS (
    SELECT
        item_id,
        subscription_id,
        -- Where an old object does not name its currency, it is that of its prices.
        COALESCE(subscription_currency, MIN(price_currency) OVER (PARTITION BY subscription_id)) AS currency,
        quantity,
        CASE
            WHEN divide_by IS NULL THEN quantity
            WHEN divided_goes = 'up' THEN (quantity + divide_by - 1) / NULLIF(divide_by, 0)
            ELSE quantity / NULLIF(divide_by, 0)
        END AS units,
        discounts,
        price_id,
        product,
        price_currency,
        currency_options,
        unit_amount,
        billing_scheme,
        tiers_mode,
        -- A year has 12 months, 52 weeks or 365 days.
        CASE period WHEN 'day' THEN 365.0 WHEN 'week' THEN 52.0 WHEN 'month' THEN 12.0 WHEN 'year' THEN 1.0 END
            / NULLIF(12 * period_count, 0) AS per_month
    FROM item
    WHERE usage_type <> 'metered'
),
tier AS (
    SELECT
        price,
        up_to,
        COALESCE(LAG(up_to) OVER (PARTITION BY price ORDER BY position), 0) AS above,
        COALESCE(CAST(unit_amount_decimal AS REAL), unit_amount, 0) AS unit_amount,
        COALESCE(CAST(flat_amount_decimal AS REAL), flat_amount, 0) AS flat_amount
    FROM {price_tiers}
),
-- Each tier is a line of the invoice, so it is rounded by itself. The first one is billed even for no unit.
tiered AS (
    SELECT
        item_id,
        SUM(
            ROUND(
                ROUND(
                    t.unit_amount * CASE
                        WHEN tiers_mode = 'volume' THEN quantity
                        WHEN t.up_to < quantity THEN t.up_to - t.above
                        ELSE quantity - t.above
                    END,
                    6
                )
            ) + ROUND(t.flat_amount)
        ) AS amount
    FROM licensed
    JOIN tier t ON t.price = price_id
    WHERE billing_scheme = 'tiered'
        AND price_currency = currency
        AND (quantity > t.above OR t.above = 0)
        AND (tiers_mode = 'graduated' OR tiers_mode = 'volume' AND (t.up_to IS NULL OR quantity <= t.up_to))
    GROUP BY item_id
),
-- What an item costs in one of its periods.
line AS (
    SELECT
        licensed.item_id,
        subscription_id,
        currency,
        product,
        discounts,
        per_month,
        CASE
            WHEN billing_scheme = 'tiered' THEN tiered.amount
            WHEN price_currency = currency THEN ROUND(ROUND(unit_amount * units, 6))
            ELSE ROUND(
                ROUND(
                    units * CAST(
                        COALESCE(
                            json_extract(currency_options, '$."' || currency || '".unit_amount_decimal'),
                            json_extract(currency_options, '$."' || currency || '".unit_amount')
                        ) AS REAL
                    ),
                    6
                )
            )
        END AS amount
    FROM licensed
    LEFT JOIN tiered ON tiered.item_id = licensed.item_id
),
-- Discounts of items, of subscriptions, and of the customer where the subscription has none. A bare id says nothing of a coupon.
given AS (
    SELECT subscription_id, item_id, d.key AS place, CASE WHEN d.type = 'object' THEN d.value ELSE 'null' END AS discount
    FROM line
    JOIN json_each(discounts) d
    WHERE json_type(discounts) = 'array'
    UNION ALL
    SELECT subscription.id, NULL, d.key, CASE WHEN d.type = 'object' THEN d.value ELSE 'null' END
    FROM subscription
    JOIN json_each(discounts) d
    WHERE json_type(discounts) = 'array'
    UNION ALL
    SELECT s.id, NULL, 0, json_extract(c.raw, '$.discount')
    FROM subscription s
    JOIN {customers} c ON c.id = s.customer
    WHERE c.discount IS NOT NULL AND COALESCE(json_array_length(s.discounts), 0) = 0
),
-- Versions of the API before 2025-09-30 have the coupon in the discount, later ones its id.
redeemed AS (
    SELECT
        given.subscription_id,
        given.item_id,
        given.place,
        c.applies_to,
        c.currency_options,
        COALESCE(json_extract(discount, '$.coupon.percent_off'), c.percent_off) AS percent_off,
        COALESCE(json_extract(discount, '$.coupon.amount_off'), c.amount_off) AS amount_off,
        COALESCE(json_extract(discount, '$.coupon.currency'), c.currency) AS currency
    FROM given
    LEFT JOIN {coupons} c ON c.id = COALESCE(json_extract(discount, '$.source.coupon'), json_extract(discount, '$.coupon.id'))
    WHERE COALESCE(json_extract(discount, '$.coupon.duration'), c.duration, 'forever') <> 'once'
        AND COALESCE(json_extract(discount, '$.end') > CAST(strftime('%s', 'now') AS INTEGER), 1)
),
-- Each discount on each item that it applies to. What it takes off is unknown if the coupon is.
applied AS (
    SELECT
        line.subscription_id,
        line.item_id,
        r.item_id IS NOT NULL AS is_of_item,
        r.place,
        r.percent_off,
        CASE
            WHEN r.currency = line.currency THEN r.amount_off
            ELSE json_extract(r.currency_options, '$."' || line.currency || '".amount_off')
        END AS amount_off
    FROM line
    JOIN redeemed r ON r.subscription_id = line.subscription_id AND (r.item_id IS NULL OR r.item_id = line.item_id)
    WHERE (r.applies_to IS NULL OR line.product IN (SELECT value FROM json_each(r.applies_to, '$.products')))
        AND (
            r.amount_off IS NULL
            OR r.currency = line.currency
            OR json_extract(r.currency_options, '$."' || line.currency || '".amount_off') IS NOT NULL
        )
),
item_step AS (
    SELECT
        item_id,
        percent_off,
        amount_off,
        ROW_NUMBER() OVER (PARTITION BY item_id ORDER BY place) AS step,
        COUNT(*) OVER (PARTITION BY item_id) AS steps
    FROM applied
    WHERE is_of_item
),
item_walk AS (
    SELECT line.item_id, 0 AS step, steps, amount
    FROM line
    JOIN item_step ON item_step.item_id = line.item_id
    WHERE step = 1
    UNION ALL
    SELECT
        w.item_id,
        d.step,
        w.steps,
        CASE
            WHEN d.percent_off IS NOT NULL THEN w.amount * (100 - d.percent_off) / 100.0
            WHEN d.amount_off > w.amount THEN 0
            ELSE w.amount - d.amount_off
        END
    FROM item_walk w
    JOIN item_step d ON d.item_id = w.item_id AND d.step = w.step + 1
),
monthly AS (
    SELECT
        line.item_id,
        subscription_id,
        currency,
        per_month,
        line.amount * per_month AS before_discounts,
        per_month * CASE WHEN w.item_id IS NULL THEN line.amount ELSE w.amount END AS amount,
        w.item_id IS NOT NULL AS is_discounted
    FROM line
    LEFT JOIN item_walk w ON w.item_id = line.item_id AND w.step = w.steps
),
-- A fixed amount is split over the items by what they cost after their own discounts.
step AS (
    SELECT
        applied.item_id,
        percent_off,
        COALESCE(
            amount_off * MAX(per_month) OVER (PARTITION BY applied.subscription_id, place)
                * amount / NULLIF(SUM(amount) OVER (PARTITION BY applied.subscription_id, place), 0),
            CASE WHEN amount_off IS NOT NULL THEN 0 END
        ) AS amount_off,
        ROW_NUMBER() OVER (PARTITION BY applied.item_id ORDER BY place) AS step,
        COUNT(*) OVER (PARTITION BY applied.item_id) AS steps
    FROM applied
    JOIN monthly ON monthly.item_id = applied.item_id
    WHERE NOT is_of_item
),
walk AS (
    SELECT monthly.item_id, 0 AS step, steps, amount
    FROM monthly
    JOIN step ON step.item_id = monthly.item_id
    WHERE step = 1
    UNION ALL
    SELECT
        w.item_id,
        d.step,
        w.steps,
        CASE
            WHEN d.percent_off IS NOT NULL THEN w.amount * (100 - d.percent_off) / 100.0
            WHEN d.amount_off > w.amount THEN 0
            ELSE w.amount - d.amount_off
        END
    FROM walk w
    JOIN step d ON d.item_id = w.item_id AND d.step = w.step + 1
),
total AS (
    SELECT
        subscription_id,
        MIN(currency) AS currency,
        SUM(before_discounts) AS before_discounts,
        COUNT(*) - COUNT(before_discounts) AS unpriced_items,
        SUM(CASE WHEN w.item_id IS NULL THEN monthly.amount ELSE w.amount END) AS amount,
        COUNT(*) - COUNT(CASE WHEN w.item_id IS NULL THEN monthly.amount ELSE w.amount END) AS unknown_items,
        MAX(CASE WHEN is_discounted OR w.item_id IS NOT NULL THEN 1 ELSE 0 END) AS discounted
    FROM monthly
    LEFT JOIN walk w ON w.item_id = monthly.item_id AND w.step = w.steps
    GROUP BY subscription_id
),
metered AS (
    SELECT DISTINCT subscription_id
    FROM item
    WHERE usage_type = 'metered'
)
SELECT
    s.id,
    s.customer,
    s.status,
    COALESCE(s.currency, total.currency) AS currency,
    CASE
        WHEN total.subscription_id IS NULL THEN 0
        WHEN total.unknown_items = 0 THEN CAST(ROUND(ROUND(total.amount, 6)) AS INTEGER)
    END AS monthly_amount,
    CASE
        WHEN total.subscription_id IS NULL THEN 0
        WHEN total.unpriced_items = 0 THEN CAST(ROUND(ROUND(total.before_discounts, 6)) AS INTEGER)
    END AS monthly_amount_before_discounts,
    COALESCE(total.discounted, 0) = 1 AS has_discount,
    metered.subscription_id IS NOT NULL AS has_metered_items,
    COALESCE(total.unpriced_items, 0) AS unpriced_items,
    s.status = 'trialing' AS is_trialing,
    s.trial_end,
    s.pause_collection_behavior IS NOT NULL AS is_collection_paused,
    s.pause_collection_behavior,
    s.pause_collection_resumes_at,
    s.collection_method,
    s.cancel_at_period_end,
    s.cancel_at,
    s.current_period_start,
    s.current_period_end,
    s.start_date,
    s.created
FROM {subscriptions} s
LEFT JOIN total ON total.subscription_id = s.id
LEFT JOIN metered ON metered.subscription_id = s.id
WHERE s.deleted_at IS NULL AND s.status IN ('active', 'past_due', 'trialing')
