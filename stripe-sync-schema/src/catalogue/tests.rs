use super::*;
use crate::fields::{self, Kind, Step};

#[test]
fn customer_is_read_whole() {
    let customer = resource("customer").unwrap();
    assert_eq!(customer.object, "customer");
    assert_eq!(customer.id_prefix, Some("cus"));
    let list = customer.list.as_ref().unwrap();
    assert_eq!(
        (list.path, list.parent, list.created_filter, list.paginated),
        ("/v1/customers", None, true, true)
    );
    assert_eq!(list.items, ["customer"]);
    assert_eq!(
        list.filters
            .iter()
            .map(|filter| filter.name)
            .collect::<Vec<_>>(),
        ["email", "test_clock"]
    );
    assert_eq!(customer.retrieve, Some("/v1/customers/{id}"));
    assert_eq!(
        (customer.deleted, customer.deletable),
        (DeletedForm::Stub, true)
    );
    assert_eq!(customer.created, Some("created"));
    assert!(customer.livemode && customer.metadata);
    assert_eq!(
        customer.events,
        ["customer.created", "customer.deleted", "customer.updated"]
    );
    assert_eq!(customer.deleted_events, ["customer.deleted"]);
    assert_eq!(
        customer.recipes,
        [
            Recipe::Query(vec![]),
            Recipe::PerTestClock {
                param: "test_clock",
                query: vec![]
            }
        ]
    );
    assert_eq!(
        customer.embedded[0],
        Embedded {
            field: "sources",
            list: Some("/v1/customers/{id}/sources"),
            inline: false,
            items: vec!["account", "bank_account", "card", "source"],
        }
    );
}

#[test]
fn resources_are_sorted_and_the_same_as_resource() {
    assert!(resources().is_sorted_by(|a, b| a.object < b.object));
    for each in resources() {
        assert_eq!(resource(each.object), Some(each));
    }
    assert_eq!(resource("custmer"), None);
    assert_eq!(resource("discount"), None, "no list shows discounts");
}

#[test]
fn no_line_of_the_data_is_skipped() {
    assert_eq!(
        resources()
            .iter()
            .filter(|each| each.list.is_some())
            .count(),
        97
    );
    // 27 entries in Stripe's types; some stand under several objects because the list mixes types.
    assert_eq!(
        resources()
            .iter()
            .map(|each| each.nested.len())
            .sum::<usize>(),
        27
    );
    for (each, entry) in resources().iter().zip(ENTRIES.iter()) {
        let lists: Vec<&List> = each.list.iter().chain(&each.nested).collect();
        let read = lists.len()
            + lists
                .iter()
                .map(|list| 1 + list.filters.len())
                .sum::<usize>()
            + each.id_prefix.iter().len()
            + each.retrieve.iter().len()
            + each.created.iter().len()
            + usize::from(
                each.livemode
                    || each.metadata
                    || each.deletable
                    || each.deleted == DeletedForm::Stub,
            )
            + each.events.len()
            + each.deleted_events.len()
            + each.recipes.len()
            + each.embedded.len();
        assert_eq!(read, entry.block.text.lines().count(), "{}", each.object);
        assert!(
            lists
                .iter()
                .all(|list| !list.items.is_empty() && list.path.starts_with("/v1/"))
        );
        assert!(
            each.nested
                .iter()
                .all(|list| list.parent.is_some() && list.path.contains("{id}"))
        );
        assert!(
            each.deleted_events
                .iter()
                .all(|event| each.events.contains(event)),
            "{}",
            each.object
        );
    }
}

#[test]
fn recipes_fit_the_lists_they_walk() {
    for each in resources() {
        for recipe in &each.recipes {
            let (path, mut given): (&str, Vec<&str>) = match recipe {
                Recipe::PerParent {
                    parent,
                    path,
                    param,
                    query,
                } => {
                    let parent =
                        resource(parent).unwrap_or_else(|| panic!("{}: {parent}", each.object));
                    assert!(
                        !parent.recipes.is_empty(),
                        "{}: {} cannot be walked",
                        each.object,
                        parent.object
                    );
                    assert_eq!(path.contains("{id}"), param.is_none(), "{}", each.object);
                    (
                        path,
                        query.iter().map(|pair| pair.0).chain(*param).collect(),
                    )
                }
                Recipe::Query(query) => (
                    each.list.as_ref().unwrap().path,
                    query.iter().map(|pair| pair.0).collect(),
                ),
                Recipe::PerTestClock { param, query }
                | Recipe::PerTestClockCustomer { param, query } => (
                    each.list.as_ref().unwrap().path,
                    query.iter().map(|pair| pair.0).chain([*param]).collect(),
                ),
            };
            let list = each
                .list
                .iter()
                .chain(&each.nested)
                .find(|list| list.path == path)
                .unwrap();
            assert!(list.items.contains(&each.object));
            for filter in list.filters.iter().filter(|filter| filter.required) {
                assert!(
                    given.contains(&filter.name),
                    "{}: {} is required",
                    each.object,
                    filter.name
                );
            }
            given.retain(|name| !list.filters.iter().any(|filter| filter.name == *name));
            assert!(
                given.is_empty(),
                "{}: {given:?} are not filters of {path}",
                each.object
            );
        }
    }
}

#[test]
fn only_what_cannot_be_enumerated_has_no_recipe() {
    let without: Vec<&str> = resources()
        .iter()
        .filter(|each| each.recipes.is_empty())
        .map(|each| each.object)
        .collect();
    assert_eq!(
        without,
        [
            "apps.secret",
            "billing.meter_event_summary",
            "financial_connections.account_owner",
            "tax.calculation_line_item",
            "tax.transaction_line_item",
        ]
    );
}

#[test]
fn hidden_objects_have_a_walk_that_shows_them() {
    let recipes = |object| {
        resource(object)
            .map(|each: &Resource| each.recipes.clone())
            .unwrap()
    };
    assert_eq!(
        recipes("subscription"),
        [
            Recipe::Query(vec![("status", "all")]),
            Recipe::PerTestClock {
                param: "test_clock",
                query: vec![("status", "all")]
            }
        ]
    );
    assert_eq!(
        recipes("price"),
        [
            Recipe::Query(vec![("active", "true")]),
            Recipe::Query(vec![("active", "false")])
        ]
    );
    assert_eq!(
        recipes("subscription_schedule"),
        [
            Recipe::Query(vec![]),
            Recipe::PerTestClockCustomer {
                param: "customer",
                query: vec![]
            }
        ]
    );
    assert_eq!(
        recipes("subscription_item"),
        [Recipe::PerParent {
            parent: "subscription",
            path: "/v1/subscription_items",
            param: Some("subscription"),
            query: vec![]
        }]
    );
    assert_eq!(
        recipes("line_item"),
        [Recipe::PerParent {
            parent: "invoice",
            path: "/v1/invoices/{id}/lines",
            param: None,
            query: vec![]
        }]
    );
}

#[test]
fn what_differs_from_the_rule() {
    assert_eq!(resource("invoiceitem").unwrap().created, Some("date"));
    assert_eq!(resource("payment_link").unwrap().created, None);
    assert_eq!(resource("charge").unwrap().id_prefix, None, "ch_ and py_");
    assert_eq!(
        resource("climate.product").unwrap().id_prefix,
        Some("climsku")
    );
    let subscription = resource("subscription").unwrap();
    assert!(!subscription.deletable && subscription.deleted_events.is_empty());
    assert!(
        subscription
            .events
            .contains(&"customer.subscription.deleted")
    );
    assert!(!resource("refund").unwrap().livemode);
    assert!(
        !resource("reporting.report_type")
            .unwrap()
            .list
            .as_ref()
            .unwrap()
            .paginated
    );
    let scope = resource("apps.secret")
        .unwrap()
        .list
        .as_ref()
        .unwrap()
        .filters
        .clone();
    assert!(
        scope
            .iter()
            .any(|filter| filter.name == "scope.type" && filter.required)
    );
}

/// A filter is *member* only where the object says by itself whether it is in the list.
#[test]
fn member_filters_name_a_scalar_member_that_cannot_be_missed() {
    for each in resources() {
        for filter in each
            .list
            .iter()
            .chain(&each.nested)
            .flat_map(|list| &list.filters)
        {
            let place = format!("{} {}", each.object, filter.name);
            let known = filter.all.iter().chain(&filter.listed);
            assert!(
                filter.values.is_empty()
                    || known.clone().all(|value| filter.values.contains(value)),
                "{place}"
            );
            if filter.sort == FilterSort::List {
                continue;
            }
            assert_ne!(filter.form, FilterForm::Array, "{place}");
            let path: Vec<_> = filter.name.split('.').map(Step::Key).collect();
            let found = fields::resolve(each.object, &path).unwrap_or_else(|_| panic!("{place}"));
            let scalar = [
                Kind::Text,
                Kind::Currency,
                Kind::Boolean,
                Kind::Integer,
                Kind::UnixTime,
                Kind::Amount,
                Kind::Reference,
                Kind::Resource,
            ];
            assert!(scalar.contains(&found.kind), "{place} is {:?}", found.kind);
            let parent_may_be_null = filter.name.contains('.');
            if found.kind == Kind::Boolean {
                assert!(
                    !found.optional && (!found.nullable || parent_may_be_null),
                    "{place}"
                );
            }
            // A value that the object never has would let nothing through. Lists that mix types take the others' names.
            let of_object = |value: &&str| found.values_open || found.values.contains(value);
            let odd =
                |value: &&&str| !filter.all.contains(*value) && !filter.listed.contains(*value);
            if !found.values.is_empty() && filter.name != "object" {
                assert!(filter.values.iter().filter(odd).all(of_object), "{place}");
            }
        }
    }
}

#[test]
fn what_looks_like_a_member_and_is_none() {
    let sort = |object: &str, name: &str, value: &str| {
        let resource = resource(object).unwrap();
        let list = resource.list.as_ref().unwrap();
        list.filter(name).map(|filter| filter.sort_of(value, None))
    };
    for (object, name, value) in [
        ("subscription", "status", "ended"),
        ("subscription", "price", "price_1"),
        ("subscription", "current_period_end", "1"),
        ("payout", "status", "pending"),
        ("promotion_code", "code", "SUMMER"),
        ("radar.value_list_item", "value", "a"),
        ("entitlements.feature", "archived", "true"),
        ("invoiceitem", "pending", "true"),
        ("product", "ids", "prod_1"),
        ("product", "shippable", "false"),
        ("customer", "created", "1"),
        ("treasury.debit_reversal", "status", "completed"),
    ] {
        assert_eq!(
            sort(object, name, value),
            Some(FilterSort::List),
            "{object} {name}"
        );
    }
    for (object, name, value) in [
        ("subscription", "status", "active"),
        ("subscription", "automatic_tax.enabled", "true"),
        ("price", "recurring.interval", "month"),
        ("apps.secret", "scope.type", "account"),
        ("tax_id", "owner.type", "self"),
        ("topup", "amount", "500"),
        ("payout", "status", "paid"),
    ] {
        assert_eq!(
            sort(object, name, value),
            Some(FilterSort::Member),
            "{object} {name}"
        );
    }
    assert_eq!(sort("subscription", "status", "all"), Some(FilterSort::All));
    assert_eq!(
        sort("price", "recurring", "month"),
        None,
        "a hash has members"
    );
    assert_eq!(
        sort("payment_link", "created", "1"),
        None,
        "its list takes no such filter"
    );
}

#[test]
fn lists_that_are_not_walked_give_no_filters() {
    let walked = |object| {
        let resource: &Resource = resource(object).unwrap();
        let lists = resource.walked().into_iter();
        lists.map(|list| list.path).collect::<Vec<_>>()
    };
    // The top list computes a preview.
    assert_eq!(
        walked("credit_note_line_item"),
        ["/v1/credit_notes/{id}/lines"]
    );
    assert_eq!(
        walked("tax_id"),
        ["/v1/tax_ids", "/v1/customers/{id}/tax_ids"]
    );
    assert_eq!(walked("apps.secret"), ["/v1/apps/secrets"]);
}

#[test]
fn did_you_mean() {
    assert_eq!(nearest("custmer"), ["customer"]);
    assert_eq!(nearest("subscriptions"), ["subscription"]);
    assert_eq!(nearest("checkout_session"), ["checkout.session"]);
    assert_eq!(nearest("session"), ["checkout.session"]);
    assert_eq!(nearest("invoice_item").first(), Some(&"invoiceitem"));
    assert!(nearest("elephant").is_empty());
}
