//! Subscriptions one by one, each with the amount that is written beside it.

mod discounts;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::discounts::{discounts, discounts_of_items, limits};
use super::world::Views;

/// What `monthly_amount` and `monthly_amount_before_discounts` should be.
type Amounts = (Option<i64>, Option<i64>);

/// Subscriptions by their ids: what each is about, and its amounts.
pub(crate) type Cases = BTreeMap<String, (&'static str, Amounts)>;

struct Maker<'a> {
    world: &'a Views,
    cases: Cases,
}

impl Maker<'_> {
    fn price(&self, members: Value) -> String {
        self.world.price(members)
    }

    fn coupon(&self, members: Value) -> String {
        self.world.coupon(members)
    }

    fn discount(&self, coupon: &str) -> String {
        self.world.discount(coupon, json!({}))
    }

    /// Adds an active subscription to these items.
    fn add(&mut self, about: &'static str, items: Value, others: Value, amounts: Amounts) {
        let customer = self.world.create("customer", json!({}));
        let mut members = json!({ "customer": customer["id"], "status": "active", "items": items });
        for (name, value) in others.as_object().unwrap() {
            members[name] = value.clone();
        }
        let id = self.world.subscription(members);
        self.cases.insert(id, (about, amounts));
    }

    /// The same of one item without any discount.
    fn priced(&mut self, about: &'static str, price: &str, quantity: i64, amount: Option<i64>) {
        let items = json!([{ "price": price, "quantity": quantity }]);
        self.add(about, items, json!({}), (amount, amount));
    }
}

fn every(interval: &str, count: i64) -> Value {
    json!({ "interval": interval, "interval_count": count, "usage_type": "licensed", "meter": null, "trial_period_days": null })
}

pub(crate) fn make(world: &Views) -> Cases {
    let mut maker = Maker {
        world,
        cases: Cases::new(),
    };
    periods(&mut maker);
    quantities(&mut maker);
    tiers(&mut maker);
    currencies(&mut maker);
    discounts(&mut maker);
    discounts_of_items(&mut maker);
    limits(&mut maker);
    unknown(&mut maker);
    maker.cases
}

fn periods(maker: &mut Maker<'_>) {
    for (about, interval, count, unit, amount) in [
        ("a month", "month", 1, 1_000, 1_000),
        ("a quarter", "month", 3, 1_000, 333),
        ("a year", "year", 1, 1_000, 83),
        ("a half goes up", "year", 1, 6, 1),
        ("less than a half goes down", "year", 1, 5, 0),
        ("three years", "year", 3, 36_000, 1_000),
        ("a week", "week", 1, 1_200, 5_200),
        ("two weeks", "week", 2, 1_000, 2_167),
        ("a day", "day", 1, 12, 365),
        ("30 days", "day", 30, 1_000, 1_014),
    ] {
        let price = maker.price(
            json!({ "currency": "usd", "unit_amount": unit, "recurring": every(interval, count) }),
        );
        maker.priced(about, &price, 1, Some(amount));
    }
    let month = maker.price(json!({ "currency": "usd", "unit_amount": 1_000 }));
    let year = maker
        .price(json!({ "currency": "usd", "unit_amount": 12_006, "recurring": every("year", 1) }));
    let items = json!([{ "price": month, "quantity": 2 }, { "price": year, "quantity": 1 }]);
    maker.add(
        "a month and a year",
        items,
        json!({}),
        (Some(3_001), Some(3_001)),
    );
    let items = json!([{ "price": month, "quantity": 1 }]);
    for (about, others) in [
        (
            "a trial",
            json!({ "status": "trialing", "trial_end": 7_500_000_000_i64 }),
        ),
        ("late", json!({ "status": "past_due" })),
        ("to end", json!({ "cancel_at_period_end": true })),
        (
            "not collected",
            json!({ "pause_collection": { "behavior": "keep_as_draft", "resumes_at": null } }),
        ),
    ] {
        maker.add(about, items.clone(), others, (Some(1_000), Some(1_000)));
    }
    // These are not active.
    for status in [
        "canceled",
        "unpaid",
        "incomplete",
        "incomplete_expired",
        "paused",
    ] {
        maker
            .world
            .subscription(json!({ "status": status, "items": items }));
    }
}

fn quantities(maker: &mut Maker<'_>) {
    let price = |members: Value| {
        let mut all = json!({ "currency": "usd" });
        all.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        maker.price(all)
    };
    let fractions = price(json!({ "unit_amount": null, "unit_amount_decimal": "0.5" }));
    let round = |round: &str| {
        price(
            json!({ "unit_amount": 1_000, "transform_quantity": { "divide_by": 5, "round": round } }),
        )
    };
    let (up, down) = (round("up"), round("down"));
    let mut metered = every("month", 1);
    metered["usage_type"] = json!("metered");
    let metered = price(json!({ "unit_amount": 70, "recurring": metered }));
    maker.priced("a fraction", &fractions, 3, Some(2));
    maker.priced("none", &fractions, 0, Some(0));
    maker.priced("fives, up", &up, 6, Some(2_000));
    maker.priced("fives, down", &down, 6, Some(1_000));
    maker.priced("metered", &metered, 1, Some(0));
    // Each line is rounded: 1.5 and 1.5 are 4.
    let items = json!([{ "price": fractions, "quantity": 3 }, { "price": fractions, "quantity": 3 }, { "price": metered }]);
    maker.add(
        "two fractions and usage",
        items,
        json!({}),
        (Some(4), Some(4)),
    );
}

fn tiers(maker: &mut Maker<'_>) {
    let tiers = json!([
        { "up_to": 5, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": 1_000, "flat_amount_decimal": "1000" },
        { "up_to": 10, "unit_amount": null, "unit_amount_decimal": "650.5", "flat_amount": null, "flat_amount_decimal": null },
        { "up_to": null, "unit_amount": 600, "unit_amount_decimal": "600", "flat_amount": 50, "flat_amount_decimal": "50" },
    ]);
    let price = |mode: &str| {
        maker.price(json!({ "currency": "usd", "billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers }))
    };
    let (graduated, volume) = (price("graduated"), price("volume"));
    for (quantity, of_graduated, of_volume) in [
        (0, 1_000, 1_000),
        (1, 1_700, 1_700),
        (5, 4_500, 4_500),
        // 4,500 and 650.5, which is a line of its own.
        (6, 5_151, 3_903),
        (10, 7_753, 6_505),
        (11, 8_403, 6_650),
        (25, 16_803, 15_050),
    ] {
        maker.priced("graduated", &graduated, quantity, Some(of_graduated));
        maker.priced("volume", &volume, quantity, Some(of_volume));
    }
}

fn currencies(maker: &mut Maker<'_>) {
    let yen = maker
        .price(json!({ "currency": "jpy", "unit_amount": 5_000, "recurring": every("year", 1) }));
    maker.priced("yen", &yen, 1, Some(417));
    let option = |amount: i64| json!({ "unit_amount": amount, "unit_amount_decimal": null, "custom_unit_amount": null, "tax_behavior": "unspecified" });
    let options = json!({ "eur": option(900), "usd": option(1_000) });
    let both = maker
        .price(json!({ "currency": "usd", "unit_amount": 1_000, "currency_options": options }));
    let items = json!([{ "price": both, "quantity": 2 }]);
    for (about, currency, amount) in [
        ("the other currency", "eur", Some(1_800)),
        ("its own", "usd", Some(2_000)),
        ("a third currency", "gbp", None),
    ] {
        maker.add(
            about,
            items.clone(),
            json!({ "currency": currency }),
            (amount, amount),
        );
    }
}

/// What the tables do not say.
fn unknown(maker: &mut Maker<'_>) {
    let inline = maker.world.inline_price(
        json!({ "currency": "usd", "unit_amount": 1_200, "recurring": every("year", 1) }),
    );
    maker.priced("a price of its own", &inline, 2, Some(200));
    let tiers = json!([{ "up_to": null, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": null, "flat_amount_decimal": null }]);
    let tiered = json!({ "currency": "usd", "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": tiers, "recurring": every("month", 1) });
    let tiered = maker.world.inline_price(tiered);
    maker.priced("tiers of its own", &tiered, 2, None);
    let price = maker.price(json!({ "currency": "usd", "unit_amount": 1_000 }));
    let items = json!([{ "price": price, "quantity": 1 }]);
    let gone = maker.coupon(json!({ "percent_off": 10, "duration": "forever" }));
    let others = json!({ "discounts": [maker.discount(&gone)] });
    maker.add(
        "a coupon that was deleted before",
        items,
        others,
        (None, Some(1_000)),
    );
    maker.world.fake.delete(&gone).unwrap();
    maker.world.forget(&gone);
}
