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
            WHEN jsonb_typeof(s.discounts) = 'array' AND s.discounts <> '[]' THEN s.discounts
            WHEN c.discount IS NOT NULL THEN jsonb_build_array(c.raw -> 'discount')
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
        CASE WHEN p.id IS NULL THEN i.raw -> 'price' END AS inside
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
        COALESCE(product, inside ->> 'product') AS product,
        COALESCE(currency, inside ->> 'currency') AS price_currency,
        COALESCE(
            unit_amount_decimal,
            unit_amount,
            CAST(inside ->> 'unit_amount_decimal' AS numeric),
            CAST(inside ->> 'unit_amount' AS numeric)
        ) AS unit_amount,
        COALESCE(billing_scheme, inside ->> 'billing_scheme') AS billing_scheme,
        COALESCE(tiers_mode, inside ->> 'tiers_mode') AS tiers_mode,
        COALESCE(transform_quantity_divide_by, CAST(inside -> 'transform_quantity' ->> 'divide_by' AS bigint)) AS divide_by,
        COALESCE(transform_quantity_round, inside -> 'transform_quantity' ->> 'round') AS divided_goes,
        COALESCE(recurring_interval, inside -> 'recurring' ->> 'interval') AS period,
        COALESCE(recurring_interval_count, CAST(inside -> 'recurring' ->> 'interval_count' AS bigint), 1) AS period_count,
        COALESCE(recurring_usage_type, inside -> 'recurring' ->> 'usage_type', 'licensed') AS usage_type
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
            WHEN divided_goes = 'up' THEN (quantity + divide_by - 1) / NULLIF(divide_by, 0)
            ELSE quantity / NULLIF(divide_by, 0)
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
        CAST(CASE period WHEN 'day' THEN 365 WHEN 'week' THEN 52 WHEN 'month' THEN 12 WHEN 'year' THEN 1 END AS numeric(40, 20))
            / 12 / NULLIF(period_count, 0) AS per_month
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
        CASE
            WHEN billing_scheme = 'tiered' AND price_currency = currency THEN (
                SELECT SUM(
                    ROUND(
                        COALESCE(t.unit_amount_decimal, t.unit_amount, 0) * CASE
                            WHEN tiers_mode = 'volume' THEN quantity
                            WHEN t.up_to < quantity THEN t.up_to - COALESCE(b.up_to, 0)
                            ELSE quantity - COALESCE(b.up_to, 0)
                        END
                    ) + ROUND(COALESCE(t.flat_amount_decimal, t.flat_amount, 0))
                )
                FROM {price_tiers} t
                LEFT JOIN {price_tiers} b ON b.price = t.price AND b.position = t.position - 1
                WHERE t.price = price_id
                    AND (quantity > b.up_to OR b.price IS NULL)
                    AND (tiers_mode = 'graduated' OR tiers_mode = 'volume' AND (t.up_to IS NULL OR quantity <= t.up_to))
            )
            WHEN billing_scheme = 'tiered' THEN NULL
            WHEN price_currency = currency THEN ROUND(unit_amount * units)
            ELSE ROUND(
                units * CAST(
                    COALESCE(
                        currency_options -> currency ->> 'unit_amount_decimal',
                        currency_options -> currency ->> 'unit_amount'
                    ) AS numeric
                )
            )
        END AS amount
    FROM priced
),
-- Two rows for each item without a discount, one for those of its own and one for those of all items.
given AS (
    SELECT line.*, stage, d.place, d.discount
    FROM line
    CROSS JOIN (VALUES (1), (2)) AS stages (stage)
    LEFT JOIN LATERAL jsonb_array_elements(
        CASE WHEN stage = 2 THEN shared WHEN jsonb_typeof(own) = 'array' THEN own END
    ) WITH ORDINALITY AS d (discount, place) ON TRUE
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
        COALESCE(discount -> 'coupon' ->> 'duration', c.duration) AS duration,
        CAST(discount ->> 'end' AS bigint) AS ends,
        COALESCE(CAST(discount -> 'coupon' ->> 'percent_off' AS numeric), CAST(c.percent_off AS numeric)) AS percent_off,
        COALESCE(CAST(discount -> 'coupon' ->> 'amount_off' AS bigint), c.amount_off) AS any_amount_off,
        CASE
            WHEN COALESCE(discount -> 'coupon' ->> 'currency', c.currency) = given.currency
                THEN COALESCE(CAST(discount -> 'coupon' ->> 'amount_off' AS bigint), c.amount_off)
            ELSE CAST(c.currency_options -> given.currency ->> 'amount_off' AS bigint)
        END AS amount_off
    FROM given
    LEFT JOIN {coupons} c ON c.id = COALESCE(discount -> 'source' ->> 'coupon', discount -> 'coupon' ->> 'id')
),
-- What a discount takes off is unknown if its coupon is.
applied AS (
    SELECT
        redeemed.*,
        CASE
            WHEN place IS NULL OR is_licensed = 0 OR duration = 'once' OR ends <= EXTRACT(epoch FROM now()) THEN 0
            WHEN any_amount_off IS NOT NULL AND amount_off IS NULL THEN 0
            WHEN applies_to IS NULL OR applies_to -> 'products' @> to_jsonb(product) THEN 1
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
        jsonb_object_agg(
            CASE WHEN is_applied = 1 AND stage = 1 THEN step ELSE 0 END,
            jsonb_build_array(percent_off, amount_off)
        ) AS own,
        jsonb_agg(
            CASE WHEN is_applied = 1 AND stage = 2 THEN jsonb_build_array(place, percent_off, amount_off) END
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
            WHEN own -> CAST(step + 1 AS text) ->> 0 IS NOT NULL
                THEN amount * (100 - CAST(own -> CAST(step + 1 AS text) ->> 0 AS numeric)) / 100
            WHEN CAST(own -> CAST(step + 1 AS text) ->> 1 AS numeric) > amount THEN 0
            ELSE amount - CAST(own -> CAST(step + 1 AS text) ->> 1 AS numeric)
        END,
        own, shared, step + 1
    FROM own_walk
    WHERE own -> CAST(step + 1 AS text) IS NOT NULL
),
monthly AS (
    SELECT
        line_id, subscription_id, currency, is_licensed, is_metered, is_discounted, per_month,
        full_amount * per_month AS before_discounts,
        amount * per_month AS amount,
        CAST(d.discount ->> 0 AS bigint) AS place,
        CAST(d.discount ->> 1 AS numeric) AS percent_off,
        CAST(d.discount ->> 2 AS numeric) AS amount_off
    FROM own_walk
    LEFT JOIN LATERAL jsonb_array_elements(shared) AS d (discount) ON jsonb_typeof(d.discount) = 'array'
    WHERE own -> CAST(step + 1 AS text) IS NULL
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
        jsonb_object_agg(
            CASE WHEN place IS NULL THEN 0 ELSE step END,
            jsonb_build_array(percent_off, amount_off)
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
            WHEN shared -> CAST(step + 1 AS text) ->> 0 IS NOT NULL
                THEN amount * (100 - CAST(shared -> CAST(step + 1 AS text) ->> 0 AS numeric)) / 100
            WHEN CAST(shared -> CAST(step + 1 AS text) ->> 1 AS numeric) > amount THEN 0
            ELSE amount - CAST(shared -> CAST(step + 1 AS text) ->> 1 AS numeric)
        END,
        shared, step + 1
    FROM walk
    WHERE shared -> CAST(step + 1 AS text) IS NOT NULL
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
    WHERE shared -> CAST(step + 1 AS text) IS NULL
    GROUP BY subscription_id
)
SELECT
    s.id,
    s.customer,
    s.status,
    total.currency,
    CASE WHEN total.unknown_items = 0 THEN CAST(ROUND(ROUND(total.amount, 6)) AS bigint) END AS monthly_amount,
    CASE
        WHEN total.unpriced_items = 0 THEN CAST(ROUND(ROUND(total.before_discounts, 6)) AS bigint)
    END AS monthly_amount_before_discounts,
    total.is_discounted = 1 AS has_discount,
    total.is_metered = 1 AS has_metered_items,
    total.unpriced_items,
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
