use serde_json::{Value, json};
use stripe_sync_schema::catalogue::{self, Recipe};
use stripe_sync_schema::fields::{self, Kind};

use super::{get, id, ids, ok, start};
use fake_stripe::FakeStripe;

#[tokio::test]
async fn every_resource_is_made_by_its_schema() {
    let fake = start().await;
    for resource in catalogue::resources() {
        for made in fake.generate(resource.object, 3).unwrap() {
            let value = fake.get(&made).unwrap();
            assert_eq!(value["object"], resource.object);
            assert!(made.len() <= 255);
            for field in fields::children(resource.object, &[]) {
                let member = value.get(field.name);
                let place = format!("{}.{}: {member:?}", resource.object, field.name);
                assert!(member.is_some() || field.optional, "{place} is absent");
                let Some(member) = member else { continue };
                assert!(!member.is_null() || field.nullable, "{place} is null");
                assert!(
                    member.is_null() || fits(field.kind, member),
                    "{place} is no {:?}",
                    field.kind
                );
                let text = member.as_str().unwrap_or_default();
                assert!(
                    field.values.is_empty() || member.is_null() || field.values.contains(&text),
                    "{place}: not in {:?}",
                    field.values
                );
            }
            if resource.livemode {
                assert_eq!(value["livemode"], false);
            }
        }
    }
}

fn fits(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Text | Kind::Currency | Kind::Date | Kind::Timestamp | Kind::Reference => {
            value.is_string()
        }
        Kind::Decimal => value
            .as_str()
            .is_some_and(|text| text.parse::<f64>().is_ok()),
        Kind::IntegerText => value
            .as_str()
            .is_some_and(|text| text.parse::<i64>().is_ok()),
        Kind::Boolean => value.is_boolean(),
        Kind::Integer | Kind::UnixTime | Kind::Amount => value.is_i64(),
        Kind::Number => value.is_number(),
        Kind::Object | Kind::Map | Kind::Resource => value.is_object(),
        Kind::List => {
            value["object"] == "list" && value["data"].is_array() && value["url"].is_string()
        }
        Kind::Array => value.is_array(),
        _ => true,
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_objects() {
    let (one, two) = (start().await, start().await);
    for fake in [&one, &two] {
        fake.generate("customer", 20).unwrap();
        get(fake, "/v1/customers").await;
        fake.generate("subscription", 20).unwrap();
    }
    assert_eq!(one.truth("subscription"), two.truth("subscription"));
    assert_eq!(one.truth("customer"), two.truth("customer"));
    let other = FakeStripe::builder().seed(43).start().await.unwrap();
    other.generate("customer", 20).unwrap();
    assert_ne!(one.ids("customer"), other.ids("customer"));
}

#[tokio::test]
async fn made_up_objects_refer_to_stored_ones() {
    let fake = start().await;
    fake.generate("customer", 5).unwrap();
    let customers = fake.ids("customer");
    for charge in fake.generate("subscription", 20).unwrap() {
        let customer = fake.get(&charge).unwrap()["customer"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(customers.contains(&customer));
    }
}

/// The recipes of the catalogue, walked over HTTP, show exactly what `listable` says.
#[tokio::test]
async fn recipes_show_what_is_listable() {
    let fake = start().await;
    for _ in 0..2 {
        fake.create("test_helpers.test_clock", json!({})).unwrap();
    }
    let clock = fake.ids("test_helpers.test_clock")[0].clone();
    fake.create("customer", json!({ "test_clock": clock }))
        .unwrap();
    for resource in catalogue::resources() {
        if resource.object == "event" {
            continue;
        }
        fake.generate(resource.object, 12).unwrap();
    }
    // Made again now that all parents exist, so that their references hit.
    for resource in catalogue::resources() {
        if resource
            .recipes
            .iter()
            .any(|recipe| matches!(recipe, Recipe::PerParent { .. }))
        {
            fake.generate(resource.object, 12).unwrap();
        }
    }
    let session = fake.ids("checkout.session")[0].clone();
    fake.create_child(&session, "item", json!({})).unwrap();
    for resource in catalogue::resources() {
        let mut found = Vec::new();
        for recipe in &resource.recipes {
            follow(&fake, resource, recipe, &mut found).await;
        }
        found.sort_unstable();
        found.dedup();
        let mut wanted: Vec<String> = fake
            .listable(resource.object)
            .iter()
            .map(|value| id(value).to_owned())
            .collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{}", resource.object);
        if !resource.recipes.is_empty()
            && resource.object != "event"
            && resource
                .list
                .as_ref()
                .is_some_and(|list| list.parent.is_none())
        {
            assert!(!found.is_empty(), "nothing of {} is found", resource.object);
        }
    }
}

async fn follow(
    fake: &FakeStripe,
    resource: &catalogue::Resource,
    recipe: &Recipe,
    found: &mut Vec<String>,
) {
    let text = |query: &[(&str, &str)]| {
        query
            .iter()
            .map(|(key, value)| format!("&{key}={value}"))
            .collect::<String>()
    };
    let account_list = || resource.list.as_ref().unwrap().path.to_owned();
    let listable = |object: &str| {
        fake.listable(object)
            .iter()
            .map(|value| id(value).to_owned())
            .collect::<Vec<_>>()
    };
    let targets: Vec<(String, String)> = match recipe {
        Recipe::Query(query) => vec![(account_list(), text(query))],
        Recipe::PerTestClock { param, query } => {
            let clocks = listable("test_helpers.test_clock").into_iter();
            clocks
                .map(|clock| (account_list(), format!("{}&{param}={clock}", text(query))))
                .collect()
        }
        Recipe::PerTestClockCustomer { param, query } => {
            let customers = fake
                .listable("customer")
                .into_iter()
                .filter(|customer| customer["test_clock"].is_string());
            customers
                .map(|customer| {
                    (
                        account_list(),
                        format!("{}&{param}={}", text(query), id(&customer)),
                    )
                })
                .collect()
        }
        Recipe::PerParent {
            parent,
            path,
            param,
            query,
        } => {
            let extra = |id: &str| {
                param
                    .map(|param| format!("&{param}={id}"))
                    .unwrap_or_default()
            };
            listable(parent)
                .iter()
                .map(|id| {
                    (
                        path.replace("{id}", id),
                        format!("{}{}", text(query), extra(id)),
                    )
                })
                .collect()
        }
        _ => panic!("a recipe that this test does not know"),
    };
    for (path, query) in targets {
        let paginated = match recipe {
            Recipe::PerParent { path, .. } => {
                let lists = || resource.nested.iter().chain(&resource.list);
                lists()
                    .find(|list| list.path == *path)
                    .is_none_or(|list| list.paginated)
            }
            _ => resource.list.as_ref().is_some_and(|list| list.paginated),
        };
        let rows = if paginated {
            super::walk(fake, &path, &query).await
        } else {
            ids(&ok(fake, &format!("{path}?{}", query.trim_start_matches('&'))).await)
        };
        // A list of several kinds of objects shows the others too.
        found.extend(rows.into_iter().filter(|id| {
            fake.get(id)
                .is_some_and(|value| value["object"] == resource.object)
        }));
    }
}
