use super::*;
use crate::fields::{self, Kind, Step};

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
