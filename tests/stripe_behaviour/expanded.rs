//! What Stripe sends on request only: with `expand` it is in the row, from a list, by its id and by an event.

mod models;
mod references;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::client::{Meter, Request};
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Row};
use stripe_sync::{Model, Registry, SyncAllOptions};
use stripe_sync_schema::{Kind, Step, catalogue, fields};

use super::mirror::Mirror;

/// Objects of each resource.
const OBJECTS: usize = 15;
/// Those that are given a member that none has.
const GIVEN: usize = 5;

/// A member that is sent on request only, and where it is in an object that has requests of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    object: &'static str,
    path: String,
}

/// Each member that a table may hold. Those of objects that only others show are read below these.
fn all() -> Vec<Member> {
    let own = fields::on_request_members();
    let own = own.filter(|(object, member)| {
        let keys: Vec<&str> = member.split('.').collect();
        fields::secret(object, &fields::steps_of(object, &keys)).is_none()
    });
    own.filter_map(|(object, member)| {
        if catalogue::resource(object).is_some() {
            let path = member.to_owned();
            return Some(Member { object, path });
        }
        let (holder, list) = fields::on_request_members().find(|(holder, list)| {
            let list = fields::resolve(holder, &[Step::Key(list)]);
            list.is_ok_and(|list| list.kind == Kind::List && list.targets == [object])
                && catalogue::resource(holder).is_some()
        })?;
        Some(Member {
            object: holder,
            path: format!("{list}.data[0].{member}"),
        })
    })
    .collect()
}

impl Member {
    /// As `expand` names it.
    fn expand(&self) -> String {
        self.path.replace("[0]", "")
    }

    /// As a JSON pointer.
    fn pointer(&self) -> String {
        let path = self.path.replace("[0]", ".0").replace('.', "/");
        format!("/{path}")
    }
}

/// What `models.rs` has to be.
fn source() -> String {
    let mut source = String::from(
        "//! A model of each member, made from the schema: `SNAPSHOTS=overwrite` writes the file again.\n\n\
         use super::members;\n\nmembers! {\n",
    );
    for Member { object, path } in all() {
        let words = format!("{object}.{}", path.replace("[0]", ""));
        let name: String = words
            .split(['.', '_'])
            .map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..]))
            .collect();
        let table = words.replace('.', "_");
        source.push_str(&format!("    {name} \"{object}\" \"{table}\" [{path}];\n"));
    }
    source.push_str("}\n");
    source
}

/// A struct with the member, and the list of all.
macro_rules! members {
    ($($name:ident $object:literal $table:literal [$($path:tt)*];)*) => {
        $(
            #[derive(stripe_sync::StripeSync)]
            #[stripe(object = $object, table = $table)]
            struct $name {
                id: String,
                #[stripe(path = $($path)*, expand)]
                value: Option<stripe_sync::Json<serde_json::Value>>,
            }
        )*
        pub(super) static MODELS: &[&stripe_sync::Model] =
            &[$(<$name as stripe_sync::StripeSync>::MODEL),*];
    };
}
use members;

#[test]
fn there_is_a_model_of_each_member() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("stripe_behaviour/expanded/models.rs");
    let expected = source();
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&file, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap();
    assert_eq!(found, expected, "{} is not of this schema", file.display());
    assert_eq!(models::MODELS.len(), all().len());
}

/// Gives some objects the member, if none has it: not every account has coupons for products.
async fn give(mirror: &Mirror, member: &Member) {
    let has = expected(mirror, member).await;
    if has.values().any(|value| !value.is_null()) {
        return;
    }
    for id in has.keys().take(GIVEN) {
        let mut object = mirror.fake.get(id).unwrap();
        let mut place = &mut object;
        for key in member.expand().split('.') {
            if !place[key].is_object() {
                place[key] = json!({});
            }
            place = &mut place[key];
        }
        *place = json!({"given": id});
        let (top, _) = member.path.split_once('.').unwrap_or((&member.path, ""));
        let change = json!({ top: object[top] });
        mirror.fake.unchecked().update(id, change).unwrap();
    }
}

/// The member of each object as a request for it alone returns it, or for the list of its parent; without secrets.
async fn expected(mirror: &Mirror, member: &Member) -> BTreeMap<String, Value> {
    let resource = catalogue::resource(member.object).unwrap();
    let mut objects = Vec::new();
    if let Some(template) = resource.retrieve {
        for id in mirror.fake.ids(member.object) {
            let request = Request::get(template.replace("{id}", &id));
            objects.push(answer(mirror, request.query("expand[]", member.expand())).await);
        }
    } else {
        for list in &resource.nested {
            for parent in list
                .parent
                .iter()
                .flat_map(|parent| mirror.fake.ids(parent))
            {
                let request =
                    Request::get(list.path.replace("{id}", &parent)).query("limit", "100");
                let request = request.query("expand[]", format!("data.{}", member.expand()));
                let mut page = answer(mirror, request).await;
                objects.append(page["data"].as_array_mut().unwrap());
            }
        }
    }
    let value = |object: &Value| {
        let mut value = object
            .pointer(&member.pointer())
            .cloned()
            .unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.remove("client_secret");
        }
        (object["id"].as_str().unwrap().to_owned(), value)
    };
    objects.iter().map(value).collect()
}

async fn answer(mirror: &Mirror, request: Request) -> Value {
    let response = mirror.syncer.stripe().get(request, &Meter::default()).await;
    serde_json::from_slice(&response.unwrap().body).unwrap()
}

async fn stored(mirror: &Mirror, model: &'static Model) -> BTreeMap<String, Value> {
    let select = format!("SELECT id, value FROM {}", model.table());
    let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mirror.pool);
    let value = |row: &sqlx::sqlite::SqliteRow| {
        let value: Option<String> = row.get("value");
        value.map_or(Value::Null, |value| serde_json::from_str(&value).unwrap())
    };
    let rows = rows.await.unwrap();
    rows.iter().map(|row| (row.get("id"), value(row))).collect()
}

async fn empty(mirror: &Mirror, model: &'static Model) {
    let delete = format!("DELETE FROM {}", model.table());
    sqlx::query(AssertSqlSafe(delete))
        .execute(&mirror.pool)
        .await
        .unwrap();
}

/// The rows of a model from its lists, by their ids, and by events. Returns whether any has the member.
async fn every_way(mirror: &Mirror, model: &'static Model, member: &Member) -> bool {
    let expected = expected(mirror, member).await;
    let resource = catalogue::resource(member.object).unwrap();
    let syncer = &mirror.syncer;
    let registry = Registry::new().with(model);
    for (_, made) in syncer.ensure_models(&registry).await {
        made.unwrap();
    }
    if !resource.walked().is_empty() {
        for (_, report) in syncer
            .sync_models(&registry, SyncAllOptions::default())
            .await
        {
            assert_eq!(report.unwrap().failed, 0, "{member:?}");
        }
        assert_eq!(stored(mirror, model).await, expected, "lists: {member:?}");
        empty(mirror, model).await;
    }
    if resource.retrieve.is_some() {
        let ids: Vec<String> = expected.keys().cloned().collect();
        let report = syncer.sync_model_by_ids(model, ids).await.unwrap();
        assert_eq!(report.report.failed, 0, "{report}");
        assert_eq!(stored(mirror, model).await, expected, "by ids: {member:?}");
    }
    if let Some(event) = resource.events.first() {
        empty(mirror, model).await;
        let live = Live::builder(syncer.clone())
            .models(&registry)
            .build()
            .unwrap();
        live.catch_up().await.unwrap();
        for id in expected.keys() {
            let object = mirror.fake.get(id).unwrap();
            mirror.fake.record_event(event, &object).unwrap();
        }
        mirror.fake.advance(Duration::from_secs(60));
        live.catch_up().await.unwrap();
        let processed = live.drain().await.unwrap();
        assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
        assert_eq!(stored(mirror, model).await, expected, "live: {member:?}");
    }
    expected.values().any(|value| !value.is_null())
}

#[tokio::test]
async fn each_member_is_in_rows_from_lists_by_ids_and_by_events() {
    let members = all();
    let mut nowhere = BTreeSet::new();
    for (model, member) in models::MODELS.iter().zip(&members) {
        let mirror = Mirror::start(7).await;
        let shown_by = catalogue::resource(member.object).unwrap().nested.first();
        let object = match shown_by.and_then(|list| list.parent) {
            Some(parent) if member.object == "item" => parent,
            _ => member.object,
        };
        mirror.fake.generate(object, OBJECTS).unwrap();
        give(&mirror, member).await;
        mirror.fake.advance(Duration::from_secs(3_600));
        if !every_way(&mirror, model, member).await {
            nowhere.insert((member.object, member.path.clone()));
        }
    }
    assert!(nowhere.is_empty(), "no object has them: {nowhere:?}");
}
