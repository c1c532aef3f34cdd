//! Invariants of subscriptions and their items.

use serde_json::Value;

use super::{is_not_older, is_usable};
use crate::account::{Account, among, int, is_set, rows, text};
use crate::table::{Invariant, rule, when};

const DAY: i64 = 86_400;

fn status(subscription: &Value) -> &str {
    text(subscription, "status")
}

fn items<'a>(subscription: &Value, account: &'a Account) -> Vec<&'a Value> {
    account.pointing("subscription_item", "/subscription", &subscription["id"])
}

fn has_ended(subscription: &Value) -> bool {
    ["canceled", "incomplete_expired"].contains(&status(subscription))
}

fn owner<'a>(item: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("subscription", &item["subscription"])
}

fn latest<'a>(subscription: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("invoice", &subscription["latest_invoice"])
}

/// The shortest and the longest that so many intervals can be, in days.
fn days(recurring: &Value) -> Option<(i64, i64)> {
    let (least, most) = match text(recurring, "interval") {
        "day" => (1, 1),
        "week" => (7, 7),
        "month" => (28, 31),
        "year" => (365, 366),
        _ => return None,
    };
    let count = int(recurring, "interval_count");
    Some((least * count, most * count))
}

pub(crate) const RULES: &[Invariant] = &[
    rule("subscription", "it has items", |s, account| {
        Some(!items(s, account).is_empty())
    }),
    rule(
        "subscription",
        "items show the first of its items",
        |s, account| {
            let all = items(s, account);
            let shown = rows(&s["items"], "data");
            let stored = shown.iter().all(|item| all.contains(&item));
            let more = s["items"]["has_more"] == (all.len() > shown.len());
            Some(stored && more && shown.len() == all.len().min(10))
        },
    ),
    rule("subscription", "items have its currency", |s, account| {
        let mut items = items(s, account).into_iter();
        Some(items.all(|item| item["price"]["currency"] == s["currency"]))
    }),
    rule("subscription", "items have one interval", |s, account| {
        let items = items(s, account);
        let first = &items.first()?["price"]["recurring"];
        Some(items.iter().all(|item| {
            let recurring = &item["price"]["recurring"];
            recurring["interval"] == first["interval"]
                && recurring["interval_count"] == first["interval_count"]
        }))
    }),
    rule("subscription", "items have one period", |s, account| {
        let items = items(s, account);
        let first = items.first()?;
        Some(items.iter().all(|item| {
            item["current_period_start"] == first["current_period_start"]
                && item["current_period_end"] == first["current_period_end"]
        }))
    }),
    rule(
        "subscription",
        "items have a price each once",
        |s, account| {
            let items = items(s, account);
            let mut ids: Vec<&str> = items
                .iter()
                .map(|item| text(&item["price"], "id"))
                .collect();
            ids.sort_unstable();
            ids.dedup();
            when(!items.is_empty(), || ids.len() == items.len())
        },
    ),
    rule(
        "subscription",
        "trial_start and trial_end together and in order",
        |s, _| {
            let (start, end) = (s["trial_start"].as_i64(), s["trial_end"].as_i64());
            Some(start.is_some() == end.is_some() && (start.is_none() || start < end))
        },
    ),
    rule(
        "subscription",
        "trial_end is there when trialing",
        |s, _| when(status(s) == "trialing", || is_set(s, "trial_end")),
    ),
    rule(
        "subscription",
        "trial_end is the period's end when trialing",
        |s, account| {
            when(status(s) == "trialing", || {
                let mut items = items(s, account).into_iter();
                items.all(|item| item["current_period_end"] == s["trial_end"])
            })
        },
    ),
    rule(
        "subscription",
        "ended_at if and only if canceled or incomplete_expired",
        |s, _| Some(is_set(s, "ended_at") == has_ended(s)),
    ),
    rule(
        "subscription",
        "canceled_at is there when canceled",
        |s, _| {
            when(status(s) == "canceled", || {
                (int(s, "created")..=int(s, "ended_at")).contains(&int(s, "canceled_at"))
            })
        },
    ),
    rule(
        "subscription",
        "canceled_at and cancel_at together until it has ended",
        |s, _| {
            when(!has_ended(s), || {
                is_set(s, "canceled_at") == is_set(s, "cancel_at")
            })
        },
    ),
    rule(
        "subscription",
        "cancel_at is the period's end with cancel_at_period_end",
        |s, account| {
            when(s["cancel_at_period_end"] == true && !has_ended(s), || {
                let items = items(s, account);
                let end = items
                    .iter()
                    .map(|item| int(item, "current_period_end"))
                    .max();
                s["cancel_at"].as_i64() == end
            })
        },
    ),
    rule(
        "subscription",
        "cancellation_details.reason is there when canceled",
        |s, _| {
            when(status(s) == "canceled", || {
                is_set(&s["cancellation_details"], "reason")
            })
        },
    ),
    rule(
        "subscription",
        "cancellation_details.reason is null when nobody cancels",
        |s, _| {
            when(!has_ended(s) && !is_set(s, "cancel_at"), || {
                !is_set(&s["cancellation_details"], "reason")
            })
        },
    ),
    rule(
        "subscription",
        "latest_invoice is there and points back",
        |s, account| {
            when(is_set(s, "latest_invoice"), || {
                latest(s, account).is_some_and(|invoice| {
                    invoice["parent"]["subscription_details"]["subscription"] == s["id"]
                        && invoice["customer"] == s["customer"]
                })
            })
        },
    ),
    rule(
        "subscription",
        "latest_invoice is the newest of its invoices",
        |s, account| {
            let path = "/parent/subscription_details/subscription";
            let invoices = account.pointing("invoice", path, &s["id"]);
            let newest = invoices
                .iter()
                .map(|invoice| int(invoice, "created"))
                .max()?;
            Some(latest(s, account).is_some_and(|invoice| int(invoice, "created") == newest))
        },
    ),
    rule(
        "subscription",
        "latest_invoice is not paid when incomplete, past_due or unpaid",
        |s, account| {
            let owing = ["incomplete", "incomplete_expired", "past_due", "unpaid"];
            let invoice = latest(s, account)?;
            when(owing.contains(&status(s)), || invoice["status"] != "paid")
        },
    ),
    rule(
        "subscription",
        "latest_invoice is its first when incomplete",
        |s, account| {
            let invoice = latest(s, account)?;
            when(status(s).starts_with("incomplete"), || {
                invoice["billing_reason"] == "subscription_create"
            })
        },
    ),
    rule("subscription", "customer is there", |s, account| {
        let customer = &s["customer"];
        Some(account.get_a("customer", customer).is_some() || account.is_gone(customer))
    }),
    rule(
        "subscription",
        "it is canceled when its customer is deleted",
        |s, account| when(account.is_gone(&s["customer"]), || has_ended(s)),
    ),
    rule(
        "subscription",
        "created is not before its customer's",
        |s, account| is_not_older(account, s, "customer"),
    ),
    rule("subscription", "start_date is not after created", |s, _| {
        Some(int(s, "start_date") <= int(s, "created"))
    }),
    rule(
        "subscription",
        "default_payment_method is of its customer",
        |s, account| {
            when(is_set(s, "default_payment_method"), || {
                is_usable(account, &s["default_payment_method"], &s["customer"])
            })
        },
    ),
    rule(
        "subscription",
        "days_until_due if and only if collection_method is send_invoice",
        |s, _| Some(is_set(s, "days_until_due") == (s["collection_method"] == "send_invoice")),
    ),
    rule(
        "subscription",
        "schedule is null or points back",
        |s, account| {
            let schedule = account.get_a("subscription_schedule", &s["schedule"]);
            Some(!is_set(s, "schedule") || schedule.is_some_and(|of| of["subscription"] == s["id"]))
        },
    ),
    rule(
        "subscription_item",
        "subscription is there",
        |i, account| Some(owner(i, account).is_some()),
    ),
    rule("subscription_item", "price is recurring", |i, _| {
        let price = &i["price"];
        Some(price["type"] == "recurring" && is_set(price, "recurring"))
    }),
    rule(
        "subscription_item",
        "price is stored and as it is there",
        |i, account| {
            let stored = account.get_a("price", &i["price"]["id"])?;
            Some(*stored == i["price"])
        },
    ),
    rule("subscription_item", "plan is its price", |i, _| {
        let (plan, price) = (&i["plan"], &i["price"]);
        Some(
            plan["id"] == price["id"]
                && plan["product"] == price["product"]
                && plan["currency"] == price["currency"]
                && plan["amount"] == price["unit_amount"]
                && plan["interval"] == price["recurring"]["interval"]
                && plan["interval_count"] == price["recurring"]["interval_count"],
        )
    }),
    rule(
        "subscription_item",
        "current_period_start is before current_period_end",
        |i, _| Some(int(i, "current_period_start") < int(i, "current_period_end")),
    ),
    rule(
        "subscription_item",
        "current_period_start is not after now",
        |i, account| Some(int(i, "current_period_start") <= account.now),
    ),
    rule(
        "subscription_item",
        "current_period_end was to come when it was generated, if live",
        |i, account| {
            let owner = owner(i, account)?;
            when(
                among(owner, "status", &["active", "past_due", "trialing"]),
                || int(i, "current_period_end") > account.began,
            )
        },
    ),
    rule(
        "subscription_item",
        "current_period_end − current_period_start is the price's interval",
        |i, account| {
            let owner = owner(i, account)?;
            let (least, most) = days(&i["price"]["recurring"])?;
            let length = int(i, "current_period_end") - int(i, "current_period_start");
            let in_trial =
                is_set(owner, "trial_end") && owner["trial_end"] == i["current_period_end"];
            // An hour for the change of the clocks.
            when(!in_trial, || {
                (least * DAY - 3_600..=most * DAY + 3_600).contains(&length)
            })
        },
    ),
    rule(
        "subscription_item",
        "quantity is absent if metered",
        |i, _| {
            when(i["price"]["recurring"]["usage_type"] == "metered", || {
                !is_set(i, "quantity")
            })
        },
    ),
    rule(
        "subscription_item",
        "quantity is there if licensed",
        |i, _| {
            when(i["price"]["recurring"]["usage_type"] == "licensed", || {
                int(i, "quantity") >= 0 && is_set(i, "quantity")
            })
        },
    ),
    rule(
        "subscription_item",
        "created is not before its subscription's",
        |i, account| is_not_older(account, i, "subscription"),
    ),
];
