//! Columns of more than one value: arrays, and functions over several members; indexes and comments of tables.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    Change, Context, DatabaseKind, IdOutcome, Slot, StripeObject, StripeSync, SyncAllOptions,
    Syncer, ValueError,
};

use super::database::{Database, Pool};

/// What a customer is; it's "quoted" \\ and more.
///
/// The second paragraph is not part of the comment.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", after_commit = told)]
#[stripe(index(name, balance), unique(email))]
struct Customer {
    id: String,
    email: Option<String>,
    /// Where it's from.
    name: Option<String>,
    #[stripe(default, index)]
    balance: i64,
    preferred_locales: Option<Vec<String>>,
    #[stripe(path = numbers, unchecked)]
    numbers: Option<Vec<i64>>,
    #[stripe(path = rates, unchecked, default)]
    rates: Vec<f64>,
    #[stripe(path = flags, unchecked, default)]
    flags: Vec<bool>,
    #[stripe(with(currency, balance) = money)]
    money: Option<String>,
    #[stripe(local)]
    tags: Vec<String>,
    #[stripe(local)]
    picture: Vec<u8>,
}

/// Ids, or the objects where they were expanded.
#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    discounts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Arrays {
    locales: Option<Vec<String>>,
    numbers: Option<Vec<i64>>,
    rates: Vec<f64>,
    flags: Vec<bool>,
    money: Option<String>,
    tags: Vec<String>,
    picture: Vec<u8>,
}

type Told = Arc<Mutex<Vec<Arrays>>>;

fn told(change: Change<Customer>, context: &Context) {
    let after = match change {
        Change::Inserted { after, .. } | Change::Updated { after, .. } => after,
        _ => return,
    };
    let told = context.state::<Told>().unwrap();
    told.lock().unwrap().push(Arrays {
        locales: after.preferred_locales,
        numbers: after.numbers,
        rates: after.rates,
        flags: after.flags,
        money: after.money,
        tags: after.tags,
        picture: after.picture,
    });
}

fn money(currency: &Slot<'_>, balance: &Slot<'_>) -> Result<Option<String>, ValueError> {
    let currency: Option<String> = currency.deserialize()?;
    let balance: Option<i64> = balance.deserialize()?;
    Ok(match (currency, balance) {
        (None, None) => None,
        (currency, balance) => Some(format!("{currency:?} {balance:?}")),
    })
}

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
    told: Told,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(30).start().await.unwrap();
        let database = Database::create(kind).await;
        let told = Told::default();
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store());
        let syncer = syncer.state(Arc::clone(&told)).build();
        syncer.ensure_table::<Customer>().await.unwrap();
        syncer.ensure_table::<Invoice>().await.unwrap();
        Self {
            fake,
            database,
            syncer,
            told,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// Writes an object that Stripe sent in this form.
    async fn sync<M: StripeSync>(&self, object: &Value) -> IdOutcome {
        let token = self.syncer.start_read().await.unwrap();
        let object = StripeObject::from_json(object.to_string()).unwrap();
        let outcome = self.syncer.sync::<M>(object.read_since(token)).await;
        outcome.unwrap()
    }

    fn last(&self) -> Arrays {
        self.told.lock().unwrap().pop().unwrap()
    }
}

on_each_database! {
    World, start, end:
    arrays_are_written_and_read_back
    a_first_run_writes_arrays
    an_expanded_reference_in_an_array_is_its_id
    a_function_gets_several_members
    indexes_are_there_and_unique_fails_one_object
    comments_are_the_documentation
}

fn customer(id: &str, more: Value) -> Value {
    let mut object = json!({"id": id, "object": "customer", "livemode": false, "created": 1});
    let members = more.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(members);
    object
}

async fn arrays_are_written_and_read_back(world: &World) {
    let odd = [
        "",
        "a b",
        "{}",
        "\"q\"",
        "back\\slash",
        "NULL",
        "ä漢😀",
        "a,b",
        "[1]",
    ];
    let object = |locales: Value| {
        customer(
            "cus_1",
            json!({
                "preferred_locales": locales,
                "numbers": [i64::MIN, 0, i64::MAX],
                "rates": [0.5, -1e300, 3],
                "flags": [true, false],
            }),
        )
    };
    assert_eq!(
        world.sync::<Customer>(&object(json!(odd))).await,
        IdOutcome::Inserted
    );
    let written = world.last();
    assert_eq!(
        written,
        Arrays {
            locales: Some(odd.map(str::to_owned).to_vec()),
            numbers: Some(vec![i64::MIN, 0, i64::MAX]),
            rates: vec![0.5, -1e300, 3.0],
            flags: vec![true, false],
            money: None,
            tags: Vec::new(),
            picture: Vec::new(),
        }
    );
    assert_eq!(
        world.sync::<Customer>(&object(json!(odd))).await,
        IdOutcome::Unchanged
    );
    // Null clears, an array without elements is none, and what Stripe does not send stays.
    assert_eq!(
        world.sync::<Customer>(&object(json!([]))).await,
        IdOutcome::Updated
    );
    assert_eq!(world.last().locales, Some(Vec::new()));
    assert_eq!(
        world.sync::<Customer>(&object(json!(["en"]))).await,
        IdOutcome::Updated
    );
    let partial = customer("cus_1", json!({"name": "Ada"}));
    assert_eq!(world.sync::<Customer>(&partial).await, IdOutcome::Updated);
    let arrays = world.last();
    assert_eq!(arrays.locales, Some(vec!["en".to_owned()]));
    assert_eq!(
        (arrays.numbers, arrays.flags),
        (written.numbers, written.flags)
    );
    assert_eq!(
        world.sync::<Customer>(&object(Value::Null)).await,
        IdOutcome::Updated
    );
    assert_eq!(world.last().locales, None);
    // The application's own.
    let own = match &world.database.pool {
        Pool::Postgres(_) => "UPDATE customers SET tags = '{\"a\",\"b\"}', picture = '\\x00ff'",
        Pool::Sqlite(_) => "UPDATE customers SET tags = '[\"a\",\"b\"]', picture = x'00ff'",
        Pool::MySql(_) => "UPDATE customers SET tags = '[\"a\",\"b\"]', picture = x'00ff'",
    };
    world.database.run(own).await;
    world.sync::<Customer>(&object(json!(["de"]))).await;
    let arrays = world.last();
    assert_eq!(
        (arrays.tags, arrays.picture),
        (vec!["a".to_owned(), "b".to_owned()], vec![0, 255])
    );
    // What the database itself sees.
    let seen = match &world.database.pool {
        Pool::Postgres(_) => {
            "SELECT preferred_locales[1] || (numbers[1] + 1)::text || flags[1]::text FROM customers"
        }
        Pool::Sqlite(_) => {
            "SELECT preferred_locales ->> 0 || (numbers ->> 0) || (flags ->> 0) FROM customers"
        }
        Pool::MySql(_) => {
            "SELECT CONCAT(JSON_VALUE(preferred_locales, '$[0]'), JSON_VALUE(numbers, '$[0]'), JSON_VALUE(flags, '$[0]')) FROM customers"
        }
    };
    let expected = match &world.database.pool {
        Pool::Postgres(_) => "de-9223372036854775807true",
        _ => "de-92233720368547758081",
    };
    assert_eq!(
        world.database.texts(seen).await,
        [Some(expected.to_owned())]
    );
    assert!(
        world
            .syncer
            .check_table::<Customer>()
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_first_run_writes_arrays(world: &World) {
    for number in 0..250 {
        let locales = match number % 3 {
            0 => json!([]),
            1 => json!(["en", "de"]),
            _ => json!(["fr"]),
        };
        let customer = json!({"id": format!("cus_{number}"), "preferred_locales": locales});
        world.fake.create("customer", customer).unwrap();
    }
    let report = world.syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (250, 0), "{report}");
    let again = SyncAllOptions::default().restart(true);
    let report = world.syncer.sync_all_with::<Customer>(again).await.unwrap();
    assert_eq!((report.unchanged, report.updated), (250, 0), "{report}");
    let told = world.told.lock().unwrap();
    let with = |length| {
        let locales = told
            .iter()
            .map(|told| told.locales.as_ref().map_or(0, Vec::len));
        locales.filter(|found| *found == length).count()
    };
    assert_eq!((with(2), with(1)), (83, 83));
}

async fn an_expanded_reference_in_an_array_is_its_id(world: &World) {
    let invoice = json!({
        "id": "in_1", "object": "invoice", "livemode": false, "created": 1,
        "discounts": ["di_1", {"id": "di_2", "object": "discount"}],
    });
    world.sync::<Invoice>(&invoice).await;
    let second = match &world.database.pool {
        Pool::Postgres(_) => "SELECT discounts[2] FROM invoices",
        Pool::Sqlite(_) => "SELECT discounts ->> 1 FROM invoices",
        Pool::MySql(_) => "SELECT JSON_VALUE(discounts, '$[1]') FROM invoices",
    };
    assert_eq!(
        world.database.texts(second).await,
        [Some("di_2".to_owned())]
    );
}

async fn a_function_gets_several_members(world: &World) {
    let sync = async |more: Value| {
        world.sync::<Customer>(&customer("cus_1", more)).await;
        world.last().money
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        sync(json!({"currency": "usd", "balance": 5})).await,
        some("Some(\"usd\") Some(5)")
    );
    assert_eq!(
        sync(json!({"currency": null, "balance": 5})).await,
        some("None Some(5)")
    );
    // One that Stripe sends is enough: the function decides what an absent one means.
    assert_eq!(
        sync(json!({"currency": "eur", "name": "a"})).await,
        some("Some(\"eur\") None")
    );
    // Without any of them, what is stored stays.
    assert_eq!(sync(json!({"name": "b"})).await, some("Some(\"eur\") None"));
    assert_eq!(sync(json!({"currency": null, "balance": null})).await, None);
}

async fn indexes_are_there_and_unique_fails_one_object(world: &World) {
    assert_eq!(
        world.syncer.missing_indexes::<Customer>().await.unwrap(),
        []
    );
    for (id, email) in [
        ("cus_1", "a@example.com"),
        ("cus_2", "A@example.com"),
        ("cus_3", "a@example.com"),
    ] {
        let customer = json!({"id": id, "email": email});
        world.fake.create("customer", customer).unwrap();
    }
    // A second unique key: no row takes another one's place.
    let report = world.syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 1), "{report}");
    assert_eq!(
        report.failures[0].column.as_deref(),
        Some("email"),
        "{report}"
    );
    let failed = report.failures[0].id.clone();
    world
        .fake
        .update(&failed, json!({"email": "c@example.com"}))
        .unwrap();
    let report = world.syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    // In another table, whose columns have no length, the statements of the hints do.
    let drop = match &world.database.pool {
        Pool::MySql(_) => {
            "DROP INDEX customers__email_key ON customers; ALTER TABLE customers MODIFY COLUMN email LONGTEXT; \
             DROP INDEX customers__name__balance_idx ON customers"
        }
        _ => "DROP INDEX customers__email_key; DROP INDEX customers__name__balance_idx",
    };
    world.database.run(drop).await;
    let hints = world.syncer.missing_indexes::<Customer>().await.unwrap();
    assert_eq!(
        hints.iter().filter(|hint| hint.unique).count(),
        1,
        "{hints:?}"
    );
    assert_eq!(hints.len(), 2, "{hints:?}");
    for hint in &hints {
        world.database.run(&hint.statement).await;
    }
    assert_eq!(
        world.syncer.missing_indexes::<Customer>().await.unwrap(),
        []
    );
}

async fn comments_are_the_documentation(world: &World) {
    let comments = match &world.database.pool {
        Pool::Sqlite(_) => return,
        Pool::Postgres(_) => {
            "SELECT obj_description('customers'::regclass) UNION ALL SELECT col_description('customers'::regclass, attnum) \
             FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname IN ('name', 'email')"
        }
        Pool::MySql(_) => {
            "SELECT table_comment FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'customers' \
             UNION ALL SELECT NULLIF(column_comment, '') FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = 'customers' AND column_name IN ('name', 'email')"
        }
    };
    let mut found = world.database.texts(comments).await;
    found.sort();
    let expected = [
        None,
        Some("What a customer is; it's \"quoted\" \\\\ and more.".to_owned()),
        Some("Where it's from.".to_owned()),
    ];
    assert_eq!(found, expected);
}
