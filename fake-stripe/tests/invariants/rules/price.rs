//! Invariants of products, prices, plans and coupons.

use serde_json::Value;

use crate::account::{int, is_set, rows, text};
use crate::table::{Invariant, rule, when};

/// Whether an interval is at most three years.
fn is_short(interval: &Value) -> bool {
    let most = match text(interval, "interval") {
        "day" => 1_096,
        "week" => 156,
        "month" => 36,
        "year" => 3,
        _ => return false,
    };
    (1..=most).contains(&int(interval, "interval_count"))
}

/// Whether the integer is the decimal, or null if that is not integral.
fn agree(integer: &Value, decimal: &Value) -> bool {
    match decimal.as_str() {
        None => integer.is_null(),
        Some(text) => match text
            .trim_end_matches('0')
            .trim_end_matches('.')
            .parse::<i64>()
        {
            _ if !text.contains('.') => integer.as_i64() == text.parse().ok(),
            Ok(whole) => integer.as_i64() == Some(whole),
            Err(_) => integer.is_null(),
        },
    }
}

pub(crate) const RULES: &[Invariant] = &[
    rule(
        "price",
        "recurring if and only if type is recurring",
        |p, _| Some(is_set(p, "recurring") == (p["type"] == "recurring")),
    ),
    rule("price", "recurring is at most three years", |p, _| {
        when(is_set(p, "recurring"), || is_short(&p["recurring"]))
    }),
    rule("price", "recurring.meter only if metered", |p, _| {
        when(p["recurring"]["usage_type"] == "licensed", || {
            !is_set(&p["recurring"], "meter")
        })
    }),
    rule(
        "price",
        "unit_amount and unit_amount_decimal are null if tiered",
        |p, _| {
            when(p["billing_scheme"] == "tiered", || {
                !is_set(p, "unit_amount") && !is_set(p, "unit_amount_decimal")
            })
        },
    ),
    rule(
        "price",
        "unit_amount_decimal or custom_unit_amount if per_unit",
        |p, _| {
            when(p["billing_scheme"] == "per_unit", || {
                is_set(p, "unit_amount_decimal") != is_set(p, "custom_unit_amount")
            })
        },
    ),
    rule(
        "price",
        "unit_amount is unit_amount_decimal if that is integral",
        |p, _| Some(agree(&p["unit_amount"], &p["unit_amount_decimal"])),
    ),
    rule("price", "unit_amount is not negative", |p, _| {
        when(is_set(p, "unit_amount"), || int(p, "unit_amount") >= 0)
    }),
    rule(
        "price",
        "tiers_mode if and only if billing_scheme is tiered",
        |p, _| Some(is_set(p, "tiers_mode") == (p["billing_scheme"] == "tiered")),
    ),
    rule("price", "transform_quantity only if per_unit", |p, _| {
        when(p["billing_scheme"] == "tiered", || {
            !is_set(p, "transform_quantity")
        })
    }),
    rule("price", "custom_unit_amount only if one_time", |p, _| {
        when(p["type"] == "recurring", || {
            !is_set(p, "custom_unit_amount")
        })
    }),
    rule("price", "product is there", |p, account| {
        let product = &p["product"];
        Some(account.get_a("product", product).is_some() || account.is_gone(product))
    }),
    rule(
        "price",
        "created is not before its product's",
        |p, account| super::is_not_older(account, p, "product"),
    ),
    rule("price", "lookup_key is no other price's", |p, account| {
        when(is_set(p, "lookup_key"), || {
            account
                .pointing("price", "/lookup_key", &p["lookup_key"])
                .len()
                == 1
        })
    }),
    rule("product", "default_price is its own", |p, account| {
        when(is_set(p, "default_price"), || {
            let price = account.get_a("price", &p["default_price"]);
            price.is_some_and(|price| price["product"] == p["id"])
        })
    }),
    rule(
        "product",
        "updated is between created and now",
        |p, account| Some((int(p, "created")..=account.now).contains(&int(p, "updated"))),
    ),
    rule("product", "name is not empty", |p, _| {
        Some(!text(p, "name").is_empty())
    }),
    rule("product", "images are at most eight addresses", |p, _| {
        let images = rows(p, "images");
        let mut addresses = images.iter().filter_map(Value::as_str);
        Some(images.len() <= 8 && addresses.all(|image| image.starts_with("http")))
    }),
    rule(
        "product",
        "statement_descriptor has at most 22 characters",
        |p, _| {
            when(is_set(p, "statement_descriptor"), || {
                text(p, "statement_descriptor").chars().count() <= 22
            })
        },
    ),
    rule("coupon", "either amount_off or percent_off", |c, _| {
        Some(is_set(c, "amount_off") != is_set(c, "percent_off"))
    }),
    rule("coupon", "currency if and only if amount_off", |c, _| {
        Some(is_set(c, "currency") == is_set(c, "amount_off"))
    }),
    rule(
        "coupon",
        "percent_off is above 0 and at most 100",
        |c, _| {
            let percent = c["percent_off"].as_f64()?;
            Some(percent > 0.0 && percent <= 100.0)
        },
    ),
    rule(
        "coupon",
        "duration_in_months if and only if duration is repeating",
        |c, _| Some(is_set(c, "duration_in_months") == (c["duration"] == "repeating")),
    ),
    rule(
        "coupon",
        "times_redeemed is at most max_redemptions",
        |c, _| {
            when(is_set(c, "max_redemptions"), || {
                int(c, "times_redeemed") <= int(c, "max_redemptions")
            })
        },
    ),
    rule(
        "coupon",
        "valid is false when max_redemptions or redeem_by is reached",
        |c, account| {
            let used_up = is_set(c, "max_redemptions")
                && int(c, "times_redeemed") >= int(c, "max_redemptions");
            let over = is_set(c, "redeem_by") && int(c, "redeem_by") < account.began;
            when(used_up || over, || c["valid"] == false)
        },
    ),
    rule("coupon", "redeem_by is after created", |c, _| {
        when(is_set(c, "redeem_by"), || {
            int(c, "redeem_by") > int(c, "created")
        })
    }),
    rule("plan", "interval is at most three years", |p, _| {
        Some(is_short(p))
    }),
    rule(
        "plan",
        "amount and amount_decimal are null if tiered",
        |p, _| {
            when(p["billing_scheme"] == "tiered", || {
                !is_set(p, "amount") && !is_set(p, "amount_decimal")
            })
        },
    ),
    rule(
        "plan",
        "amount is amount_decimal if that is integral",
        |p, _| Some(agree(&p["amount"], &p["amount_decimal"])),
    ),
    rule(
        "plan",
        "tiers_mode if and only if billing_scheme is tiered",
        |p, _| Some(is_set(p, "tiers_mode") == (p["billing_scheme"] == "tiered")),
    ),
    rule("plan", "meter only if metered", |p, _| {
        when(p["usage_type"] == "licensed", || !is_set(p, "meter"))
    }),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn decimals_agree_with_their_integer() {
        let agree = super::agree;
        for (integer, decimal) in [
            (json!(100), json!("100")),
            (json!(1), json!("1.0")),
            (json!(0), json!("0")),
            (json!(null), json!("0.5")),
            (json!(null), json!("100.25")),
            (json!(null), json!(null)),
        ] {
            assert!(agree(&integer, &decimal), "{integer} {decimal}");
        }
        for (integer, decimal) in [
            (json!(10), json!("100")),
            (json!(null), json!("100")),
            (json!(100), json!("100.25")),
            (json!(100), json!(null)),
        ] {
            assert!(!agree(&integer, &decimal), "{integer} {decimal}");
        }
    }
}
