//! An account by hand: each way in which a subscription comes to an amount, and payments in two currencies.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use super::truth::Tiers;
use super::{discount, make_price};

/// Discounts end long before it, or long after it.
pub(crate) const NOW: i64 = 1_790_000_000;
const PAST: i64 = 1_700_000_000;
const FUTURE: i64 = 4_000_000_000;

/// What each subscription comes to in a month, before and after discounts.
pub(crate) const MONTHS: &[(&str, i64, i64)] = &[
    ("sub_month", 2_000, 2_000),
    ("sub_quarter", 1_000, 1_000),
    // 12,345 / 12 is 1,028.75.
    ("sub_year", 1_029, 1_029),
    // 700 · 52 / 12 is 3,033.3.
    ("sub_week", 3_033, 3_033),
    // 30 · 365 / 12 is 912.5.
    ("sub_day", 913, 913),
    // 5 · 0.5 is 2.5.
    ("sub_decimal", 3, 3),
    // 10 · 100 and 500 and 5 · 50.
    ("sub_graduated", 1_750, 1_750),
    // 15 · 80.
    ("sub_volume", 1_200, 1_200),
    // Three packs of ten for 25.
    ("sub_packs", 3_000, 3_000),
    ("sub_metered", 1_000, 1_000),
    ("sub_foreign", 0, 0),
    ("sub_empty", 0, 0),
    ("sub_trial", 1_000, 750),
    ("sub_late", 1_000, 700),
    // Half of 1,000, less 300; and half of what is left of 1,000 less 300.
    ("sub_stacked", 1_000, 200),
    ("sub_turned", 1_000, 350),
    ("sub_once", 1_000, 1_000),
    ("sub_over", 1_000, 1_000),
    ("sub_euros_off", 1_000, 1_000),
    ("sub_of_customer", 1_000, 750),
    ("sub_own_first", 1_000, 500),
    ("sub_free", 1_000, 0),
    // 1,200 off a year is 100 off a month.
    ("sub_year_off", 1_029, 929),
    ("sub_mixed", 2_029, 2_029),
];

/// Members of a price that another one has; the others are none.
pub(crate) fn price(
    id: &str,
    currency: &str,
    amount: &str,
    (interval, count): (&str, i64),
) -> Value {
    let whole = amount.parse::<i64>().ok();
    json!({
        "id": id, "currency": currency, "active": true, "type": "recurring", "billing_scheme": "per_unit",
        "unit_amount": whole, "unit_amount_decimal": amount, "tiers_mode": null, "transform_quantity": null,
        "recurring": {
            "interval": interval, "interval_count": count, "usage_type": "licensed", "meter": null,
            "trial_period_days": null,
        },
    })
}

/// A price with tiers: up to which quantity, the price of one, and a flat price.
pub(crate) fn tiers(id: &str, mode: &str, tiers: &[(Option<i64>, i64, i64)]) -> Value {
    let mut price = price(id, "usd", "0", ("month", 1));
    let tiers = tiers.iter().map(|(up_to, unit, flat)| {
        json!({
            "up_to": up_to, "unit_amount": unit, "unit_amount_decimal": unit.to_string(), "flat_amount": flat,
            "flat_amount_decimal": flat.to_string(),
        })
    });
    price["tiers"] = tiers.collect();
    price["billing_scheme"] = json!("tiered");
    price["tiers_mode"] = json!(mode);
    price["unit_amount"] = Value::Null;
    price["unit_amount_decimal"] = Value::Null;
    price
}

struct Account<'f> {
    fake: &'f FakeStripe,
}

impl Account<'_> {
    fn create(&self, object: &str, members: Value) -> Value {
        self.fake.unchecked().create(object, members).unwrap()
    }

    fn change(&self, object: &str, mut members: Value, changes: Value) {
        for (member, value) in changes.as_object().unwrap() {
            members[member] = value.clone();
        }
        self.create(object, members);
    }

    fn subscription(&self, id: &str, items: &[(&str, i64)], changes: Value) {
        let items = items.iter().enumerate().map(|(place, (price, quantity))| {
            let price = self.fake.get(price).unwrap();
            json!({ "id": format!("si_{id}_{place}"), "price": price, "quantity": quantity, "discounts": [] })
        });
        let members = json!({
            "id": id, "customer": "cus_plain", "currency": "usd", "status": "active",
            "items": items.collect::<Vec<Value>>(), "discounts": [],
        });
        self.change("subscription", members, changes);
    }

    fn prices(&self) -> Tiers {
        let mut made = Tiers::new();
        let mut create = |price: Value| drop(make_price(self.fake, price, &mut made));
        create(price("price_month", "usd", "1000", ("month", 1)));
        create(price("price_quarter", "usd", "3000", ("month", 3)));
        create(price("price_year", "usd", "12345", ("year", 1)));
        create(price("price_week", "eur", "700", ("week", 1)));
        create(price("price_day", "jpy", "30", ("day", 1)));
        create(price("price_decimal", "usd", "0.5", ("month", 1)));
        create(tiers(
            "price_graduated",
            "graduated",
            &[(Some(10), 100, 0), (None, 50, 500)],
        ));
        create(tiers(
            "price_volume",
            "volume",
            &[(Some(10), 100, 0), (None, 80, 0)],
        ));
        let mut packs = price("price_packs", "usd", "1000", ("month", 1));
        packs["transform_quantity"] = json!({ "divide_by": 10, "round": "up" });
        create(packs);
        let mut metered = price("price_metered", "usd", "70", ("month", 1));
        metered["recurring"]["usage_type"] = json!("metered");
        create(metered);
        made
    }

    fn coupons(&self) {
        let coupon = |id: &str, percent: Option<f64>, off: Option<(i64, &str)>, duration: &str| {
            self.create(
                "coupon",
                json!({
                    "id": id, "percent_off": percent, "amount_off": off.map(|(off, _)| off),
                    "currency": off.map(|(_, currency)| currency), "duration": duration,
                }),
            );
        };
        coupon("quarter", Some(25.0), None, "forever");
        coupon("half", Some(50.0), None, "repeating");
        coupon("three", None, Some((300, "usd")), "forever");
        coupon("euros", None, Some((300, "eur")), "forever");
        coupon("all", None, Some((5_000, "usd")), "forever");
        coupon("twelve", None, Some((1_200, "usd")), "forever");
        coupon("once", Some(50.0), None, "once");
    }

    fn customers(&self) {
        let customer = |id: &str, currency: Option<&str>, balance: i64, discount: Value| {
            self.create(
                "customer",
                json!({ "id": id, "currency": currency, "balance": balance, "discount": discount }),
            );
        };
        customer("cus_plain", Some("usd"), -500, Value::Null);
        customer(
            "cus_discount",
            Some("usd"),
            0,
            discount(90, "quarter", None),
        );
        customer("cus_two", Some("eur"), 250, Value::Null);
        customer("cus_none", None, 0, Value::Null);
    }

    fn subscriptions(&self) {
        let month = [("price_month", 1)];
        let plain = |id: &str, price: &str, quantity: i64| {
            self.subscription(id, &[(price, quantity)], json!({}));
        };
        plain("sub_month", "price_month", 2);
        plain("sub_quarter", "price_quarter", 1);
        plain("sub_year", "price_year", 1);
        plain("sub_decimal", "price_decimal", 5);
        plain("sub_graduated", "price_graduated", 15);
        plain("sub_volume", "price_volume", 15);
        plain("sub_packs", "price_packs", 25);
        self.subscription(
            "sub_week",
            &[("price_week", 1)],
            json!({ "currency": "eur" }),
        );
        self.subscription("sub_day", &[("price_day", 1)], json!({ "currency": "jpy" }));
        self.subscription(
            "sub_metered",
            &[("price_month", 1), ("price_metered", 1)],
            json!({}),
        );
        self.subscription("sub_foreign", &month, json!({ "currency": "eur" }));
        self.subscription("sub_empty", &[], json!({}));
        let with = |id: &str, discounts: &[Value], more: Value| {
            let mut changes = json!({ "discounts": discounts });
            changes
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            self.subscription(id, &month, changes);
        };
        with(
            "sub_trial",
            &[discount(1, "quarter", None)],
            json!({ "status": "trialing" }),
        );
        with(
            "sub_late",
            &[discount(2, "three", None)],
            json!({ "status": "past_due" }),
        );
        let both = [
            discount(3, "half", Some(FUTURE)),
            discount(4, "three", None),
        ];
        with("sub_stacked", &both, json!({}));
        let turned = [
            discount(5, "three", None),
            discount(6, "half", Some(FUTURE)),
        ];
        with("sub_turned", &turned, json!({}));
        with("sub_once", &[discount(7, "once", None)], json!({}));
        with("sub_over", &[discount(8, "half", Some(PAST))], json!({}));
        with("sub_euros_off", &[discount(9, "euros", None)], json!({}));
        with(
            "sub_of_customer",
            &[],
            json!({ "customer": "cus_discount" }),
        );
        with(
            "sub_own_first",
            &[discount(10, "half", None)],
            json!({ "customer": "cus_discount" }),
        );
        with("sub_free", &[discount(11, "all", None)], json!({}));
        let off = json!({ "discounts": [discount(12, "twelve", None)] });
        self.subscription("sub_year_off", &[("price_year", 1)], off);
        self.subscription(
            "sub_mixed",
            &[("price_month", 1), ("price_year", 1)],
            json!({}),
        );
        for status in [
            "canceled",
            "unpaid",
            "incomplete",
            "incomplete_expired",
            "paused",
        ] {
            with(&format!("sub_{status}"), &[], json!({ "status": status }));
        }
    }

    fn payments(&self) {
        let charge = |id: &str,
                      customer: &str,
                      currency: &str,
                      (amount, refunded): (i64, i64),
                      more: Value| {
            let members = json!({
                "id": id, "customer": customer, "currency": currency, "amount": amount, "amount_captured": amount,
                "amount_refunded": refunded, "captured": true, "paid": true, "status": "succeeded",
                "payment_intent": null, "created": PAST, "failure_code": null, "outcome": null,
            });
            self.change("charge", members, more);
        };
        charge("ch_whole", "cus_two", "eur", (1_000, 0), json!({}));
        charge("ch_part", "cus_two", "eur", (1_000, 400), json!({}));
        charge("ch_back", "cus_two", "usd", (700, 700), json!({}));
        charge(
            "ch_held",
            "cus_two",
            "usd",
            (900, 0),
            json!({ "captured": false, "amount_captured": 0 }),
        );
        let failed = |created: i64, code: &str, intent: Option<&str>| {
            json!({
                "status": "failed", "paid": false, "captured": false, "amount_captured": 0, "failure_code": code,
                "created": created, "payment_intent": intent, "outcome": { "type": "issuer_declined", "reason": code },
            })
        };
        let intent = |id: &str, status: &str| {
            self.create(
                "payment_intent",
                json!({ "id": id, "status": status, "customer": "cus_two" }),
            );
        };
        intent("pi_open", "requires_payment_method");
        intent("pi_paid", "succeeded");
        intent("pi_later", "requires_payment_method");
        intent("pi_invoice", "requires_payment_method");
        intent("pi_settled", "canceled");
        charge(
            "ch_f1",
            "cus_two",
            "eur",
            (500, 0),
            failed(PAST, "card_declined", Some("pi_open")),
        );
        charge(
            "ch_f2",
            "cus_two",
            "eur",
            (500, 0),
            failed(PAST + 60, "expired_card", Some("pi_open")),
        );
        charge(
            "ch_f3",
            "cus_two",
            "eur",
            (500, 0),
            failed(PAST, "card_declined", Some("pi_paid")),
        );
        charge(
            "ch_f4",
            "cus_two",
            "usd",
            (600, 0),
            failed(PAST, "card_declined", Some("pi_later")),
        );
        charge(
            "ch_ok",
            "cus_two",
            "usd",
            (600, 0),
            json!({ "payment_intent": "pi_later" }),
        );
        charge(
            "ch_alone",
            "cus_plain",
            "usd",
            (800, 0),
            failed(PAST, "card_declined", None),
        );
        charge(
            "ch_f5",
            "cus_plain",
            "usd",
            (900, 0),
            failed(PAST, "card_declined", Some("pi_invoice")),
        );
        charge(
            "ch_f6",
            "cus_plain",
            "usd",
            (950, 0),
            failed(PAST, "card_declined", Some("pi_settled")),
        );
        for (id, status, remaining, currency) in [
            ("in_open", "open", 900, "usd"),
            ("in_paid", "paid", 0, "usd"),
            ("in_eur", "open", 40, "eur"),
            ("in_void", "void", 70, "usd"),
            ("in_lost", "uncollectible", 80, "usd"),
            ("in_draft", "draft", 90, "usd"),
        ] {
            self.create(
                "invoice",
                json!({ "id": id, "status": status, "amount_remaining": remaining, "currency": currency, "customer": "cus_plain" }),
            );
        }
        for (id, invoice, intent) in [
            ("inpay_1", "in_open", "pi_invoice"),
            ("inpay_2", "in_paid", "pi_settled"),
        ] {
            let payment = json!({ "type": "payment_intent", "payment_intent": intent });
            self.create(
                "invoice_payment",
                json!({ "id": id, "invoice": invoice, "payment": payment }),
            );
        }
    }

    fn balance(&self) {
        for (place, (currency, amount, fee, status)) in [
            ("usd", 1_000, 59, "available"),
            ("eur", 1_000, 30, "available"),
            ("usd", -400, 0, "available"),
            ("usd", 700, 50, "pending"),
            ("eur", -970, 0, "available"),
            ("jpy", 500, 18, "available"),
        ]
        .into_iter()
        .enumerate()
        {
            self.create(
                "balance_transaction",
                json!({
                    "id": format!("txn_{place}"), "currency": currency, "amount": amount, "fee": fee, "net": amount - fee,
                    "status": status, "type": "charge", "created": PAST + place as i64, "balance_type": "payments",
                }),
            );
        }
    }
}

/// Makes the account, and returns the tiers of its prices.
pub(crate) fn make(fake: &FakeStripe) -> Tiers {
    let account = Account { fake };
    let tiers = account.prices();
    account.coupons();
    account.customers();
    account.subscriptions();
    account.payments();
    account.balance();
    tiers
}
