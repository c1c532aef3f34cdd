use super::*;

mod filters;

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
            + each.mentions.len()
            + each.under.len()
            + each.summary.iter().len()
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
fn what_is_read_below_a_parent_is_listed_there() {
    let below: Vec<_> = resources()
        .iter()
        .flat_map(|each| each.under.iter().map(move |under| (each, under)))
        .collect();
    assert_eq!(below.len(), 10);
    for (each, under) in below {
        let mut lists = each.nested.iter();
        let list = lists.find(|list| list.path == under.list).unwrap();
        assert_eq!(list.parent, Some(under.parent), "{}", each.object);
        assert!(each.retrieve.is_none(), "{}", each.object);
        let parent = resource(under.parent).unwrap();
        assert!(parent.retrieve.is_some(), "{}", under.parent);
    }
    let people = resource("person").unwrap();
    assert_eq!(people.under[0].member, "account");
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

#[test]
fn did_you_mean() {
    assert_eq!(nearest("custmer"), ["customer"]);
    assert_eq!(nearest("subscriptions"), ["subscription"]);
    assert_eq!(nearest("checkout_session"), ["checkout.session"]);
    assert_eq!(nearest("session"), ["checkout.session"]);
    assert_eq!(nearest("invoice_item").first(), Some(&"invoiceitem"));
    assert!(nearest("elephant").is_empty());
}
