CREATE VIEW {view} AS
-- Subscriptions whose status is active, past_due or trialing, with the amount that each brings in a month, in whole minor units
-- of its currency. The documentation of stripe_sync_models::views has the rules.
--
-- Each step reads the one before it once, and joins tables by their keys alone: the time grows with the number of rows.
WITH RECURSIVE
-- A row for each item, and one for a subscription without any. The discounts of the customer count where the subscription has
-- none. A price that is not in its table, such as one that was made for this subscription alone, stands in the item.
bought AS (
    SELECT
        COALESCE(i.id, s.id) AS line_id,
        s.id AS subscription_id,
        s.currency AS subscription_currency,
        CASE WHEN i.id IS NULL THEN 0 ELSE 1 END AS is_item,
        COALESCE(i.quantity, 1) AS quantity,
        i.discounts AS own,
        CASE
            WHEN JSON_LENGTH(s.discounts) > 0 THEN JSON_EXTRACT(s.discounts, '$')
            WHEN c.discount IS NOT NULL THEN JSON_ARRAY(JSON_EXTRACT(c.raw, '$.discount'))
        END AS shared,
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
        CASE WHEN p.id IS NULL THEN JSON_EXTRACT(i.raw, '$.price') END AS inside
    FROM {subscriptions} s
    LEFT JOIN {customers} c ON c.id = s.customer AND c.discount IS NOT NULL
    LEFT JOIN {subscription_items} i ON i.subscription = s.id AND i.deleted_at IS NULL
    LEFT JOIN {prices} p ON p.id = i.price
    WHERE s.deleted_at IS NULL AND s.status IN ('active', 'past_due', 'trialing')
),
item AS (
    SELECT
        line_id,
        subscription_id,
        subscription_currency,
        is_item,
        quantity,
        own,
        shared,
        price_id,
        currency_options,
        COALESCE(product, JSON_VALUE(inside, '$.product')) AS product,
        COALESCE(currency, JSON_VALUE(inside, '$.currency')) AS price_currency,
        COALESCE(
            CAST(unit_amount_decimal AS DOUBLE),
            CAST(unit_amount AS DOUBLE),
            CAST(JSON_VALUE(inside, '$.unit_amount_decimal') AS DOUBLE),
            CAST(JSON_VALUE(inside, '$.unit_amount') AS DOUBLE)
        ) AS unit_amount,
        COALESCE(billing_scheme, JSON_VALUE(inside, '$.billing_scheme')) AS billing_scheme,
        COALESCE(tiers_mode, JSON_VALUE(inside, '$.tiers_mode')) AS tiers_mode,
        COALESCE(transform_quantity_divide_by, CAST(JSON_VALUE(inside, '$.transform_quantity.divide_by') AS SIGNED)) AS divide_by,
        COALESCE(transform_quantity_round, JSON_VALUE(inside, '$.transform_quantity.round')) AS divided_goes,
        COALESCE(recurring_interval, JSON_VALUE(inside, '$.recurring.interval')) AS period,
        COALESCE(recurring_interval_count, CAST(JSON_VALUE(inside, '$.recurring.interval_count') AS SIGNED), 1) AS period_count,
        COALESCE(recurring_usage_type, JSON_VALUE(inside, '$.recurring.usage_type'), 'licensed') AS usage_type
    FROM bought
),
priced AS (
    SELECT
        line_id,
        subscription_id,
        -- Where an old object does not name its currency, it is that of its prices.
        COALESCE(subscription_currency, MIN(price_currency) OVER (PARTITION BY subscription_id)) AS currency,
        CASE WHEN is_item = 1 AND usage_type <> 'metered' THEN 1 ELSE 0 END AS is_licensed,
        CASE WHEN is_item = 1 AND usage_type = 'metered' THEN 1 ELSE 0 END AS is_metered,
        quantity,
        CASE
            WHEN divide_by IS NULL THEN quantity
            WHEN divided_goes = 'up' THEN (quantity + divide_by - 1) DIV NULLIF(divide_by, 0)
            ELSE quantity DIV NULLIF(divide_by, 0)
        END AS units,
        own,
        shared,
        price_id,
        product,
        price_currency,
        currency_options,
        unit_amount,
        billing_scheme,
        tiers_mode,
        -- A year has 12 months, 52 weeks or 365 days.
        CASE period WHEN 'day' THEN 365e0 WHEN 'week' THEN 52e0 WHEN 'month' THEN 12e0 WHEN 'year' THEN 1e0 END
            / NULLIF(12 * period_count, 0) AS per_month
    FROM item
),
-- What an item costs in one of its periods. Each tier is a line of the invoice, so it is rounded by itself, and begins behind
-- the one below it. The first one is billed even for no unit.
line AS (
    SELECT
        line_id,
        subscription_id,
        currency,
        is_licensed,
        is_metered,
        product,
        own,
        shared,
        per_month,
        CAST(
            CASE
                WHEN billing_scheme = 'tiered' AND price_currency = currency THEN (
                    SELECT SUM(
                        ROUND(
                            CAST(
                                CAST(COALESCE(t.unit_amount_decimal, t.unit_amount, 0) AS DOUBLE) * CASE
                                    WHEN tiers_mode = 'volume' THEN quantity
                                    WHEN t.up_to < quantity THEN t.up_to - COALESCE(b.up_to, 0)
                                    ELSE quantity - COALESCE(b.up_to, 0)
                                END AS DECIMAL(38, 6)
                            )
                        ) + ROUND(COALESCE(t.flat_amount_decimal, t.flat_amount, 0))
                    )
                    FROM {price_tiers} t
                    LEFT JOIN {price_tiers} b ON b.price = t.price AND b.position = t.position - 1
                    WHERE t.price = price_id
                        AND (quantity > b.up_to OR b.price IS NULL)
                        AND (tiers_mode = 'graduated' OR tiers_mode = 'volume' AND (t.up_to IS NULL OR quantity <= t.up_to))
                )
                WHEN billing_scheme = 'tiered' THEN NULL
                WHEN price_currency = currency THEN ROUND(CAST(unit_amount * units AS DECIMAL(38, 6)))
                ELSE ROUND(
                    CAST(
                        units * CAST(
                            COALESCE(
                                NULLIF(
                                    JSON_UNQUOTE(JSON_EXTRACT(currency_options, CONCAT('$."', currency, '".unit_amount_decimal'))),
                                    'null'
                                ),
                                NULLIF(
                                    JSON_UNQUOTE(JSON_EXTRACT(currency_options, CONCAT('$."', currency, '".unit_amount'))),
                                    'null'
                                )
                            ) AS DOUBLE
                        ) AS DECIMAL(38, 6)
                    )
                )
            END AS DOUBLE
        ) AS amount
    FROM priced
),
-- Two rows for each item without a discount, one for those of its own and one for those of all items.
given AS (
    SELECT
        line.*,
        stage,
        d.place,
        COALESCE(d.coupon, d.whole_coupon) AS coupon,
        d.percent_off,
        d.amount_off,
        d.coupon_currency,
        d.duration,
        d.ends
    FROM line
    CROSS JOIN (SELECT 1 AS stage UNION ALL SELECT 2) stages
    LEFT JOIN JSON_TABLE(
        CASE WHEN stage = 2 THEN shared ELSE own END,
        '$[*]'
        COLUMNS (
            place FOR ORDINALITY,
            coupon VARCHAR(255) CHARACTER SET utf8mb4 PATH '$.source.coupon',
            whole_coupon VARCHAR(255) CHARACTER SET utf8mb4 PATH '$.coupon.id',
            percent_off DOUBLE PATH '$.coupon.percent_off',
            amount_off BIGINT PATH '$.coupon.amount_off',
            coupon_currency VARCHAR(3) CHARACTER SET utf8mb4 PATH '$.coupon.currency',
            duration VARCHAR(255) CHARACTER SET utf8mb4 PATH '$.coupon.duration',
            ends BIGINT PATH '$.end'
        )
    ) d ON TRUE
),
-- Versions of the API before 2025-09-30 have the coupon in the discount, later ones its id.
redeemed AS (
    SELECT
        line_id,
        subscription_id,
        given.currency,
        is_licensed,
        is_metered,
        per_month,
        amount,
        stage,
        place,
        product,
        c.applies_to,
        COALESCE(given.duration, c.duration) AS duration,
        ends,
        COALESCE(given.percent_off, c.percent_off) AS percent_off,
        COALESCE(given.amount_off, c.amount_off) AS any_amount_off,
        CASE
            WHEN COALESCE(given.coupon_currency, c.currency) = given.currency THEN COALESCE(given.amount_off, c.amount_off)
            ELSE CAST(
                NULLIF(
                    JSON_UNQUOTE(JSON_EXTRACT(c.currency_options, CONCAT('$."', given.currency, '".amount_off'))),
                    'null'
                ) AS SIGNED
            )
        END AS amount_off
    FROM given
    LEFT JOIN {coupons} c ON c.id = given.coupon
),
-- What a discount takes off is unknown if its coupon is.
applied AS (
    SELECT
        redeemed.*,
        CASE
            WHEN place IS NULL OR is_licensed = 0 OR duration = 'once' OR ends <= UNIX_TIMESTAMP() THEN 0
            WHEN any_amount_off IS NOT NULL AND amount_off IS NULL THEN 0
            WHEN applies_to IS NULL OR JSON_CONTAINS(applies_to, JSON_QUOTE(product), '$.products') THEN 1
            ELSE 0
        END AS is_applied
    FROM redeemed
),
numbered AS (
    SELECT applied.*, ROW_NUMBER() OVER (PARTITION BY line_id, stage ORDER BY is_applied DESC, place) AS step
    FROM applied
),
listed AS (
    SELECT
        line_id,
        MAX(subscription_id) AS subscription_id,
        MAX(currency) AS currency,
        MAX(is_licensed) AS is_licensed,
        MAX(is_metered) AS is_metered,
        MAX(is_applied) AS is_discounted,
        MAX(per_month) AS per_month,
        MAX(amount) AS amount,
        JSON_OBJECTAGG(
            CASE WHEN is_applied = 1 AND stage = 1 THEN CAST(step AS CHAR) ELSE '0' END,
            JSON_ARRAY(percent_off, amount_off)
        ) AS own,
        JSON_ARRAYAGG(
            CASE WHEN is_applied = 1 AND stage = 2 THEN JSON_ARRAY(place, percent_off, amount_off) ELSE JSON_ARRAY() END
        ) AS shared
    FROM numbered
    GROUP BY line_id
),
-- Discounts are taken off one after the other.
own_walk AS (
    SELECT
        line_id, subscription_id, currency, is_licensed, is_metered, is_discounted, per_month,
        amount AS full_amount, amount, own, shared, 0 AS step
    FROM listed
    UNION ALL
    SELECT
        line_id, subscription_id, currency, is_licensed, is_metered, is_discounted, per_month, full_amount,
        CASE
            WHEN CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(own, CONCAT('$."', step + 1, '"[0]'))), 'null') AS DOUBLE) IS NOT NULL
                THEN amount * (100 - CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(own, CONCAT('$."', step + 1, '"[0]'))), 'null') AS DOUBLE)) / 100
            WHEN CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(own, CONCAT('$."', step + 1, '"[1]'))), 'null') AS DOUBLE) > amount THEN 0
            ELSE amount - CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(own, CONCAT('$."', step + 1, '"[1]'))), 'null') AS DOUBLE)
        END,
        own, shared, step + 1
    FROM own_walk
    WHERE JSON_EXTRACT(own, CONCAT('$."', step + 1, '"')) IS NOT NULL
),
monthly AS (
    SELECT
        line_id, subscription_id, currency, is_licensed, is_metered, is_discounted, per_month,
        full_amount * per_month AS before_discounts,
        amount * per_month AS amount,
        d.place,
        d.percent_off,
        d.amount_off
    FROM own_walk
    LEFT JOIN JSON_TABLE(
        shared,
        '$[*]' COLUMNS (place BIGINT PATH '$[0]', percent_off DOUBLE PATH '$[1]', amount_off BIGINT PATH '$[2]')
    ) d ON d.place IS NOT NULL
    WHERE JSON_EXTRACT(own, CONCAT('$."', step + 1, '"')) IS NULL
),
-- A fixed amount is split over the items by what they cost after their own discounts.
split AS (
    SELECT
        line_id, subscription_id, currency, is_licensed, is_metered, is_discounted, before_discounts, amount, place, percent_off,
        CASE
            WHEN amount_off IS NOT NULL THEN COALESCE(
                amount_off * MAX(per_month) OVER same_discount * amount / NULLIF(SUM(amount) OVER same_discount, 0),
                0
            )
        END AS amount_off,
        ROW_NUMBER() OVER (PARTITION BY line_id ORDER BY place) AS step
    FROM monthly
    WINDOW same_discount AS (PARTITION BY subscription_id, place)
),
shared_list AS (
    SELECT
        line_id,
        MAX(subscription_id) AS subscription_id,
        MAX(currency) AS currency,
        MAX(is_licensed) AS is_licensed,
        MAX(is_metered) AS is_metered,
        MAX(is_discounted) AS is_discounted,
        MAX(before_discounts) AS before_discounts,
        MAX(amount) AS amount,
        JSON_OBJECTAGG(
            CASE WHEN place IS NULL THEN '0' ELSE CAST(step AS CHAR) END,
            JSON_ARRAY(percent_off, amount_off)
        ) AS shared
    FROM split
    GROUP BY line_id
),
walk AS (
    SELECT
        subscription_id, currency, is_licensed, is_metered, is_discounted, before_discounts, amount, shared, 0 AS step
    FROM shared_list
    UNION ALL
    SELECT
        subscription_id, currency, is_licensed, is_metered, is_discounted, before_discounts,
        CASE
            WHEN CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(shared, CONCAT('$."', step + 1, '"[0]'))), 'null') AS DOUBLE) IS NOT NULL
                THEN amount * (100 - CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(shared, CONCAT('$."', step + 1, '"[0]'))), 'null') AS DOUBLE)) / 100
            WHEN CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(shared, CONCAT('$."', step + 1, '"[1]'))), 'null') AS DOUBLE) > amount THEN 0
            ELSE amount - CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(shared, CONCAT('$."', step + 1, '"[1]'))), 'null') AS DOUBLE)
        END,
        shared, step + 1
    FROM walk
    WHERE JSON_EXTRACT(shared, CONCAT('$."', step + 1, '"')) IS NOT NULL
),
total AS (
    SELECT
        subscription_id,
        MAX(currency) AS currency,
        MAX(is_metered) AS is_metered,
        MAX(is_discounted) AS is_discounted,
        SUM(CASE WHEN is_licensed = 1 THEN before_discounts ELSE 0 END) AS before_discounts,
        SUM(CASE WHEN is_licensed = 1 THEN amount ELSE 0 END) AS amount,
        SUM(CASE WHEN is_licensed = 1 AND before_discounts IS NULL THEN 1 ELSE 0 END) AS unpriced_items,
        SUM(CASE WHEN is_licensed = 1 AND amount IS NULL THEN 1 ELSE 0 END) AS unknown_items
    FROM walk
    WHERE JSON_EXTRACT(shared, CONCAT('$."', step + 1, '"')) IS NULL
    GROUP BY subscription_id
)
SELECT
    s.id,
    s.customer,
    s.status,
    total.currency,
    CASE WHEN total.unknown_items = 0 THEN CAST(ROUND(CAST(total.amount AS DECIMAL(38, 6))) AS SIGNED) END AS monthly_amount,
    CASE
        WHEN total.unpriced_items = 0 THEN CAST(ROUND(CAST(total.before_discounts AS DECIMAL(38, 6))) AS SIGNED)
    END AS monthly_amount_before_discounts,
    total.is_discounted = 1 AS has_discount,
    total.is_metered = 1 AS has_metered_items,
    CAST(total.unpriced_items AS SIGNED) AS unpriced_items,
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
FROM total
JOIN {subscriptions} s ON s.id = total.subscription_id
