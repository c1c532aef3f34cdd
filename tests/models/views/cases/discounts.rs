//! Discounts of subscriptions, items and customers, and what limits them.

use serde_json::json;

use super::{Maker, every};

pub(super) fn discounts(maker: &mut Maker<'_>) {
    let month = maker.price(json!({ "currency": "usd", "unit_amount": 1_000 }));
    let year = maker
        .price(json!({ "currency": "usd", "unit_amount": 12_000, "recurring": every("year", 1) }));
    let quarter = maker.coupon(json!({ "percent_off": 25, "duration": "forever" }));
    let odd = maker.coupon(json!({ "percent_off": 33.33, "duration": "forever" }));
    let three =
        maker.coupon(json!({ "amount_off": 300, "currency": "usd", "duration": "forever" }));
    let large =
        maker.coupon(json!({ "amount_off": 90_000, "currency": "usd", "duration": "forever" }));
    let once = maker.coupon(json!({ "percent_off": 50, "duration": "once" }));
    let repeating = maker
        .coupon(json!({ "percent_off": 50, "duration": "repeating", "duration_in_months": 3 }));
    let euro = maker.coupon(json!({ "amount_off": 300, "currency": "eur", "duration": "forever" }));
    let options = json!({ "usd": { "amount_off": 400 } });
    let both = maker.coupon(json!({ "amount_off": 300, "currency": "eur", "duration": "forever", "currency_options": options }));
    let lasting = maker
        .world
        .discount(&repeating, json!({ "end": 7_500_000_000_i64 }));
    let ended = maker
        .world
        .discount(&repeating, json!({ "end": 1_500_000_000 }));
    let of = |coupon: &str| maker.discount(coupon);
    let cases = [
        ("a share", &month, vec![of(&quarter)], 750, 1_000),
        ("an odd share", &month, vec![of(&odd)], 667, 1_000),
        ("an amount", &month, vec![of(&three)], 700, 1_000),
        (
            "an amount of each year",
            &year,
            vec![of(&three)],
            975,
            1_000,
        ),
        ("no more than all", &month, vec![of(&large)], 0, 1_000),
        ("once", &month, vec![of(&once)], 1_000, 1_000),
        ("for some months", &month, vec![lasting], 500, 1_000),
        (
            "for some months, which are over",
            &month,
            vec![ended],
            1_000,
            1_000,
        ),
        ("of another currency", &month, vec![of(&euro)], 1_000, 1_000),
        ("of several currencies", &month, vec![of(&both)], 600, 1_000),
        (
            "a share, then an amount",
            &month,
            vec![of(&quarter), of(&three)],
            450,
            1_000,
        ),
        (
            "an amount, then a share",
            &month,
            vec![of(&three), of(&quarter)],
            525,
            1_000,
        ),
        (
            "two shares",
            &month,
            vec![of(&quarter), of(&quarter)],
            563,
            1_000,
        ),
    ];
    for (about, price, discounts, amount, before) in cases {
        let items = json!([{ "price": price, "quantity": 1 }]);
        maker.add(
            about,
            items,
            json!({ "discounts": discounts }),
            (Some(amount), Some(before)),
        );
    }
    // The customer's own counts where the subscription has none.
    let discount = maker.world.fake.get(&maker.discount(&quarter));
    let customer = maker
        .world
        .create("customer", json!({ "discount": discount }));
    let items = json!([{ "price": month, "quantity": 1 }]);
    let others = json!({ "customer": customer["id"] });
    maker.add(
        "of the customer",
        items.clone(),
        others,
        (Some(750), Some(1_000)),
    );
    let others = json!({ "customer": customer["id"], "discounts": [maker.discount(&three)] });
    maker.add(
        "of the customer, and its own",
        items.clone(),
        others,
        (Some(700), Some(1_000)),
    );
    // As before 2025-09-30.
    let old = json!({ "id": "50-off", "object": "coupon", "percent_off": 50, "amount_off": null, "currency": null, "duration": "forever" });
    let old = maker.world.fake.unchecked().create(
        "discount",
        json!({ "coupon": old, "source": null, "end": null }),
    );
    let others = json!({ "discounts": [old.unwrap()["id"]] });
    maker.add(
        "as it was sent before",
        items,
        others,
        (Some(500), Some(1_000)),
    );
}

pub(super) fn discounts_of_items(maker: &mut Maker<'_>) {
    let product = |name: &str| maker.world.create("product", json!({ "name": name }))["id"].clone();
    let (seats, storage) = (product("Seats"), product("Storage"));
    let seat = maker.price(json!({ "product": seats, "currency": "usd", "unit_amount": 1_000 }));
    let space = maker.price(json!({ "product": storage, "currency": "usd", "unit_amount": 500 }));
    let half = maker.coupon(json!({ "percent_off": 50, "duration": "forever" }));
    let all = maker.coupon(json!({ "percent_off": 100, "duration": "forever" }));
    let three =
        maker.coupon(json!({ "amount_off": 300, "currency": "usd", "duration": "forever" }));
    let only = json!({ "products": [seats] });
    let of_seats =
        maker.coupon(json!({ "percent_off": 50, "duration": "forever", "applies_to": only }));
    let large = maker.coupon(json!({ "amount_off": 9_000, "currency": "usd", "duration": "forever", "applies_to": only }));
    let of = |coupons: &[&String]| -> Vec<String> {
        coupons
            .iter()
            .map(|coupon| maker.discount(coupon))
            .collect()
    };
    let cases = [
        ("of an item", of(&[&half]), of(&[]), of(&[]), 1_000),
        ("of both items", of(&[&half]), of(&[&three]), of(&[]), 700),
        (
            "of an item, a share first",
            of(&[&half, &three]),
            of(&[]),
            of(&[]),
            700,
        ),
        (
            "of an item, an amount first",
            of(&[&three, &half]),
            of(&[]),
            of(&[]),
            850,
        ),
        (
            "of an item and of all",
            of(&[&half]),
            of(&[]),
            of(&[&half]),
            500,
        ),
        (
            "what is left is less than the amount",
            of(&[&all]),
            of(&[]),
            of(&[&three]),
            200,
        ),
        ("for one product", of(&[]), of(&[]), of(&[&of_seats]), 1_000),
        (
            "for one product, and more than it costs",
            of(&[]),
            of(&[]),
            of(&[&large]),
            500,
        ),
        (
            "for one product, then for all",
            of(&[]),
            of(&[]),
            of(&[&of_seats, &half]),
            500,
        ),
        (
            "for another product",
            of(&[]),
            of(&[&of_seats]),
            of(&[]),
            1_500,
        ),
    ];
    for (about, first, second, shared, amount) in cases {
        let items = json!([
            { "price": seat, "quantity": 1, "discounts": first }, { "price": space, "quantity": 1, "discounts": second },
        ]);
        maker.add(
            about,
            items,
            json!({ "discounts": shared }),
            (Some(amount), Some(1_500)),
        );
    }
}

/// What is as large as Stripe takes it, and ids that differ in case alone.
pub(super) fn limits(maker: &mut Maker<'_>) {
    let large = maker.price(json!({ "currency": "idr", "unit_amount": 999_999_999_999_i64 }));
    maker.priced("the largest amount", &large, 1, Some(999_999_999_999));
    maker.priced(
        "a thousand times that",
        &large,
        1_000,
        Some(999_999_999_999_000),
    );
    let lower = maker.price(json!({ "id": "price_case", "currency": "usd", "unit_amount": 100 }));
    let upper = maker.price(json!({ "id": "price_CASE", "currency": "usd", "unit_amount": 200 }));
    maker.priced("in lower case", &lower, 1, Some(100));
    maker.priced("in upper case", &upper, 1, Some(200));
    let lower = maker.coupon(json!({ "id": "welcome", "percent_off": 10, "duration": "forever" }));
    let upper = maker.coupon(json!({ "id": "WELCOME", "percent_off": 20, "duration": "forever" }));
    let price = maker.price(json!({ "currency": "usd", "unit_amount": 1_000 }));
    let items = json!([{ "price": price, "quantity": 1 }]);
    let others = json!({ "discounts": [maker.discount(&lower)] });
    maker.add(
        "a coupon in lower case",
        items.clone(),
        others,
        (Some(900), Some(1_000)),
    );
    let others = json!({ "discounts": [maker.discount(&upper)] });
    maker.add(
        "a coupon in upper case",
        items,
        others,
        (Some(800), Some(1_000)),
    );
}
