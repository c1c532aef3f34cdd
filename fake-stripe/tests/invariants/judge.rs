//! The judge's own tests: that it lets good objects pass and finds what is wrong with bad ones.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::account::Account;
use crate::schema::Fault;
use crate::table::{Invariant, invariants};

fn named(of: &str, name: &str) -> Invariant {
    let found = invariants()
        .into_iter()
        .find(|invariant| invariant.of == of && invariant.name == name);
    found.unwrap_or_else(|| panic!("no invariant {of}: {name}"))
}

/// What an invariant says of the first of these objects.
fn holds(of: &str, name: &str, objects: &[Value]) -> Option<bool> {
    (named(of, name).holds)(&objects[0], &Account::made_of(objects))
}

#[test]
fn there_are_many_invariants_and_each_has_a_name_of_its_own() {
    let invariants = invariants();
    let names: HashSet<(&str, &str)> = invariants
        .iter()
        .map(|invariant| (invariant.of, invariant.name))
        .collect();
    assert_eq!(names.len(), invariants.len());
    assert!(names.len() >= 130, "{}", names.len());
    for (of, _) in names {
        assert!(of == "*" || crate::schema::is_held(of), "{of}");
    }
}

#[test]
fn a_charge_and_its_refunds_are_added_up() {
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 1000, "amount_captured": 1000, "captured": true,
        "amount_refunded": 300, "refunded": false, "status": "succeeded", "created": 1_700_000_000,
    });
    let refund = |id: &str, amount: i64, status: &str| json!({ "id": id, "object": "refund", "charge": "ch_1", "amount": amount, "status": status });
    let objects = [
        charge,
        refund("re_1", 100, "succeeded"),
        refund("re_2", 200, "pending"),
        refund("re_3", 500, "failed"),
    ];
    let name = "amount_refunded is the sum of its refunds";
    assert_eq!(holds("charge", name, &objects), Some(true));
    assert_eq!(holds("charge", name, &objects[..2]), Some(false));
    let name = "refunded is amount_refunded == amount";
    assert_eq!(holds("charge", name, &objects), Some(true));
}

#[test]
fn an_authorization_that_was_released_counts_as_refunded() {
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 1000, "amount_captured": 0, "captured": false,
        "amount_refunded": 1000, "status": "succeeded", "payment_intent": "pi_1",
    });
    let name = "amount_refunded is at most amount_captured";
    let intent = json!({ "id": "pi_1", "object": "payment_intent", "status": "canceled" });
    assert_eq!(holds("charge", name, &[charge.clone(), intent]), None);
    assert_eq!(holds("charge", name, &[charge]), Some(false));
}

#[test]
fn an_invoice_is_added_up_from_its_lines() {
    let invoice = json!({
        "id": "in_1", "object": "invoice", "subtotal": 300, "total": 310, "amount_shipping": 0,
        "total_taxes": [
            { "amount": 30, "tax_behavior": "exclusive" },
            { "amount": 99, "tax_behavior": "inclusive" },
        ],
        "total_discount_amounts": [{ "amount": 20, "discount": "di_1" }],
    });
    let line = |id: &str, amount: i64| json!({ "id": id, "object": "line_item", "invoice": "in_1", "amount": amount });
    let objects = [invoice, line("il_1", 400), line("il_2", -100)];
    assert_eq!(
        holds("invoice", "subtotal is the sum of its lines", &objects),
        Some(true)
    );
    assert_eq!(
        holds("invoice", "subtotal is the sum of its lines", &objects[..2]),
        Some(false)
    );
    assert_eq!(
        holds("invoice", "total is subtotal + taxes − discounts", &objects),
        Some(true)
    );
}

#[test]
fn an_item_spans_its_interval_or_its_trial() {
    let day = 86_400;
    let item = |days: i64| {
        json!({
            "id": "si_1", "object": "subscription_item", "subscription": "sub_1",
            "current_period_start": 0, "current_period_end": days * day,
            "price": { "recurring": { "interval": "month", "interval_count": 3 } },
        })
    };
    let subscription = json!({ "id": "sub_1", "object": "subscription", "trial_end": 14 * day });
    let name = "current_period_end − current_period_start is the price's interval";
    let of = |days: i64| {
        holds(
            "subscription_item",
            name,
            &[item(days), subscription.clone()],
        )
    };
    assert_eq!(of(91), Some(true));
    assert_eq!(of(31), Some(false));
    assert_eq!(of(14), None);
}

#[test]
fn the_walk_finds_what_the_schema_does_not_have() {
    let good = json!({
        "id": "fee_1", "object": "balance_transaction", "amount": 100, "available_on": 1_700_000_000,
        "balance_type": "payments", "created": 1_700_000_000, "currency": "usd", "description": null,
        "exchange_rate": null, "fee": 0, "fee_details": [], "net": 100, "reporting_category": "charge",
        "source": null, "status": "available", "type": "charge",
    });
    let faults = |change: &dyn Fn(&mut Value)| -> Vec<Fault> {
        let mut object = good.clone();
        change(&mut object);
        let account = Account::made_of(&[object.clone()]);
        let findings = account.findings(&object).iter();
        findings.map(|finding| finding.fault).collect()
    };
    assert_eq!(faults(&|_| {}), []);
    assert_eq!(
        faults(&|object| object["source"] = json!("ch_none")),
        [Fault::Dangling]
    );
    assert_eq!(
        faults(&|object| object["type"] = json!("bogus")),
        [Fault::Word]
    );
    assert_eq!(faults(&|object| object["fee"] = json!(null)), [Fault::Null]);
    assert_eq!(faults(&|object| object["fee"] = json!("1")), [Fault::Kind]);
    assert_eq!(
        faults(&|object| object["amount"] = json!(999_999_999_999_i64)),
        [Fault::Amount]
    );
    assert_eq!(
        faults(&|object| object["currency"] = json!("USD")),
        [Fault::Currency]
    );
    assert_eq!(
        faults(&|object| object["available_on"] = json!(5)),
        [Fault::Time]
    );
    assert_eq!(
        faults(&|object| object["more"] = json!(5)),
        [Fault::Unknown]
    );
    let half = json!([{ "amount": 1 }]);
    let missing = faults(&|object| object["fee_details"] = half.clone());
    assert!(
        missing.len() == 4 && missing.iter().all(|fault| *fault == Fault::Missing),
        "{missing:?}"
    );
}

#[test]
fn the_values_of_a_map_have_all_their_members() {
    let found = |option: Value| -> Vec<String> {
        let restrictions = json!({ "currency_options": { "eur": option } });
        let code =
            json!({ "id": "promo_1", "object": "promotion_code", "restrictions": restrictions });
        let account = Account::made_of(std::slice::from_ref(&code));
        let findings = account.findings(&code).iter();
        findings
            .filter(|finding| finding.fault == Fault::Missing)
            .map(|finding| finding.path.clone())
            .filter(|path| path.contains("eur"))
            .collect()
    };
    assert_eq!(found(json!({ "minimum_amount": 5 })), [""; 0]);
    assert_eq!(
        found(json!({})),
        ["restrictions.currency_options.eur.minimum_amount"]
    );
}

#[test]
fn what_is_sent_on_request_is_known() {
    let on_request = crate::schema::is_on_request;
    assert!(on_request("customer", "sources") && on_request("price", "tiers"));
    assert!(on_request("charge", "refunds") && on_request("invoice", "payments"));
    assert!(!on_request("invoice", "lines") && !on_request("subscription", "items"));
}
