//! Rows that the database refuses, for whatever reason: each fails alone, by name, and the others are written.

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, Quirks};
use stripe_sync::{DatabaseKind, IdOutcome, Json, StripeSync, SyncError, Syncer};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    name: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A coupon, whose name is under a unique key of the user's.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
struct Coupon {
    id: String,
    #[stripe(sql_type = "varchar(100)")]
    name: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(61).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        Self {
            fake,
            database,
            syncer,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    fn is_on(&self, kind: DatabaseKind) -> bool {
        kind == match self.database.pool {
            Pool::Sqlite(_) => DatabaseKind::Sqlite,
            Pool::Postgres(_) => DatabaseKind::Postgres,
            Pool::MySql(_) => DatabaseKind::MySql,
        }
    }

    fn customers(&self, count: usize) {
        for number in 0..count {
            let customer = json!({"id": format!("cus_{number}"), "name": format!("n{number}")});
            self.fake.create("customer", customer).unwrap();
        }
    }

    /// One object failed, of so many; answers why.
    async fn one_fails(&self, count: i64) -> String {
        let report = self.syncer.sync_all::<Customer>().await.unwrap();
        assert_eq!(report.failed, 1, "{report}");
        assert_eq!(report.failures[0].id, "cus_3");
        let rows = self.database.number("SELECT COUNT(*) FROM customers");
        assert_eq!(rows.await, count - 1);
        report.failures[0].to_string()
    }
}

async fn a_trigger_of_the_users_refuses_one_object(world: &World) {
    world.customers(30);
    world.syncer.ensure_table::<Customer>().await.unwrap();
    match &world.database.pool {
        Pool::Sqlite(_) => {
            let trigger = "CREATE TRIGGER refuse BEFORE INSERT ON customers WHEN NEW.id = 'cus_3' \
                           BEGIN SELECT RAISE(ABORT, 'not this one'); END";
            world.database.run(trigger).await;
        }
        Pool::Postgres(_) => {
            let function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                            IF NEW.id = 'cus_3' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$";
            world.database.run(function).await;
            let trigger = "CREATE TRIGGER refuse BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION refuse()";
            world.database.run(trigger).await;
        }
        Pool::MySql(_) => {
            let trigger = "CREATE TRIGGER refuse BEFORE INSERT ON customers FOR EACH ROW \
                           BEGIN IF NEW.id = 'cus_3' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; \
                           END IF; END";
            world.database.run(trigger).await;
        }
    }
    let reason = world.one_fails(30).await;
    assert!(reason.contains("not this one"), "{reason}");
}

/// An index of PostgreSQL's takes rows of 2.7 kB. The others take what they are given.
async fn a_row_that_an_index_does_not_take_fails_alone(world: &World) {
    world.customers(30);
    world.syncer.ensure_table::<Customer>().await.unwrap();
    if !world.is_on(DatabaseKind::Postgres) {
        let report = world.syncer.sync_all::<Customer>().await.unwrap();
        assert!(report.is_complete(), "{report}");
        return;
    }
    let index = "CREATE INDEX by_name ON customers (name)";
    world.database.run(index).await;
    // What compresses well is taken.
    let long: String = (0..3_000).map(|_| fastrand::alphanumeric()).collect();
    let name = json!({ "name": long });
    world.fake.update("cus_3", name).unwrap();
    let reason = world.one_fails(30).await;
    assert!(
        reason.contains("54000") && !reason.contains(&long[..20]),
        "{reason}"
    );
}

/// PostgreSQL and SQLite look at such a key when the transaction ends; MySQL has none.
async fn a_foreign_key_that_is_looked_at_in_the_end_fails_one_object(world: &World) {
    world.customers(6);
    let deferred = "REFERENCES names (name) DEFERRABLE INITIALLY DEFERRED";
    match &world.database.pool {
        Pool::Sqlite(_) => {
            world
                .database
                .run("CREATE TABLE names (name TEXT PRIMARY KEY)")
                .await;
            for statement in world.syncer.create_table::<Customer>() {
                let statement =
                    statement.replace("\"name\" TEXT", &format!("\"name\" TEXT {deferred}"));
                world.database.run(&statement).await;
            }
        }
        Pool::Postgres(_) => {
            world
                .database
                .run("CREATE TABLE names (name text PRIMARY KEY)")
                .await;
            world.syncer.ensure_table::<Customer>().await.unwrap();
            let key = format!("ALTER TABLE customers ADD FOREIGN KEY (name) {deferred}");
            world.database.run(&key).await;
        }
        Pool::MySql(_) => {
            world
                .database
                .run("CREATE TABLE names (name varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY)")
                .await;
            world.syncer.ensure_table::<Customer>().await.unwrap();
            let narrow = "ALTER TABLE customers MODIFY name varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
            world.database.run(narrow).await;
            let key = "ALTER TABLE customers ADD FOREIGN KEY (name) REFERENCES names (name)";
            world.database.run(key).await;
        }
    }
    for number in [0, 1, 2, 4, 5] {
        let name = format!("INSERT INTO names (name) VALUES ('n{number}')");
        world.database.run(&name).await;
    }
    let reason = world.one_fails(6).await;
    assert!(
        reason.contains("name") && !reason.contains("n3"),
        "{reason}"
    );
}

/// A server of MySQL's takes packets of 16 MiB or more, and this page has 18 MB; one row alone may be larger than it takes.
async fn a_page_that_is_larger_than_a_packet_is_written(world: &World) {
    let text = "x".repeat(300_000);
    for number in 0..60 {
        let customer = json!({"id": format!("cus_{number}"), "description": text});
        world.fake.create("customer", customer).unwrap();
    }
    world.syncer.ensure_table::<Customer>().await.unwrap();
    let report = world.syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (60, 0), "{report}");
    let packet = match &world.database.pool {
        Pool::MySql(_) => {
            world
                .database
                .number("SELECT CAST(@@max_allowed_packet AS SIGNED)")
                .await
        }
        _ => i64::MAX,
    };
    let giant = 17 << 20;
    let text = json!({"description": "x".repeat(giant)});
    world.fake.update("cus_3", text).unwrap();
    let small = json!({"name": "changed"});
    world.fake.update("cus_4", small).unwrap();
    let report = world.syncer.sync_all::<Customer>().await.unwrap();
    match i64::try_from(giant).unwrap() < packet {
        true => assert_eq!((report.updated, report.failed), (2, 0), "{report}"),
        false => {
            assert_eq!((report.updated, report.failed), (1, 1), "{report}");
            let failure = report.failures[0].to_string();
            let expected =
                failure.contains("cus_3: object") && failure.contains("max_allowed_packet");
            assert!(expected, "{failure}");
        }
    }
}

/// Each coupon takes the name of the next one, on one page and over several.
async fn values_that_move_between_rows_end_right(world: &World) {
    world.syncer.ensure_table::<Coupon>().await.unwrap();
    world
        .database
        .run("CREATE UNIQUE INDEX of_name ON coupons (name)")
        .await;
    let ids: Vec<String> = (0..12).map(|number| format!("co_{number}")).collect();
    for (number, id) in ids.iter().enumerate() {
        let coupon = json!({"id": id, "name": format!("name {number}")});
        world.fake.create("coupon", coupon).unwrap();
    }
    let report = world.syncer.sync_all::<Coupon>().await.unwrap();
    assert_eq!(report.inserted, 12, "{report}");
    for (round, pages) in [(1, 0.0), (2, 0.9), (3, 0.0)] {
        world.fake.quirks(Quirks::new().short_pages(pages));
        let moved: Vec<usize> = match round {
            // Up and down: whatever order they are written in, one is in the way of the other.
            1 => (0..12).map(|number| number + 2).collect(),
            2 => (0..12).map(|number| number + 1).collect(),
            // Two that change places, and three in a ring.
            _ => vec![2, 1, 4, 5, 3, 6, 7, 8, 9, 10, 11, 12],
        };
        for (id, name) in ids.iter().zip(moved) {
            let name = json!({"name": format!("name {name}")});
            world.fake.update(id, name).unwrap();
        }
        let report = world.syncer.sync_all::<Coupon>().await.unwrap();
        assert!(report.is_complete(), "round {round}: {report}");
        let wrong = "SELECT COUNT(*) FROM coupons WHERE name IS NULL";
        assert_eq!(world.database.number(wrong).await, 0);
        for (id, object) in world
            .fake
            .truth("coupon")
            .iter()
            .map(|object| (&object["id"], object))
        {
            let select = format!(
                "SELECT COUNT(*) FROM coupons WHERE id = '{}' AND name = '{}'",
                id.as_str().unwrap(),
                object["name"].as_str().unwrap()
            );
            assert_eq!(
                world.database.number(&select).await,
                1,
                "round {round}: {id}"
            );
        }
    }
}

/// A table that takes no row is not the objects' fault: the run ends, and the next one reads all of them.
async fn a_table_that_takes_nothing_ends_the_run(world: &World) {
    world.customers(250);
    world.syncer.ensure_table::<Customer>().await.unwrap();
    let (refuse, allow) = match &world.database.pool {
        Pool::Sqlite(_) => (
            "CREATE TRIGGER refuse BEFORE INSERT ON customers BEGIN SELECT RAISE(ABORT, 'closed'); END",
            "DROP TRIGGER refuse",
        ),
        Pool::Postgres(_) => (
            "ALTER TABLE customers ADD CONSTRAINT closed CHECK (id = 'none')",
            "ALTER TABLE customers DROP CONSTRAINT closed",
        ),
        Pool::MySql(_) => (
            "CREATE TRIGGER refuse BEFORE INSERT ON customers FOR EACH ROW \
             SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'",
            "DROP TRIGGER refuse",
        ),
    };
    world.database.run(refuse).await;
    world.fake.quirks(Quirks::new().short_pages(0.9));
    let error = world.syncer.sync_all::<Customer>().await.unwrap_err();
    let is_named = matches!(error.root(), SyncError::NothingTaken { times: 100.., .. });
    assert!(is_named && error.to_string().contains("closed"), "{error}");
    assert!(
        world
            .syncer
            .failed_rows::<Customer>()
            .await
            .unwrap()
            .is_empty()
    );
    world.database.run(allow).await;
    let report = world.syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (250, 0), "{report}");
}

async fn an_id_that_no_object_can_have_costs_nothing(world: &World) {
    world.customers(1);
    world.syncer.ensure_table::<Customer>().await.unwrap();
    world.fake.reset_requests();
    let long = "c".repeat(300);
    let ids = ["cus_0", "", &long, "upcoming_in_1", "a\0b"];
    let report = world.syncer.sync_by_ids::<Customer>(ids).await.unwrap();
    assert_eq!(report.outcome("cus_0"), Some(&IdOutcome::Inserted));
    for id in &ids[1..] {
        let outcome = report.outcome(id);
        assert!(
            matches!(outcome, Some(IdOutcome::Failed(_))),
            "{id}: {outcome:?}"
        );
    }
    let reads = world.fake.requests();
    let reads = reads
        .iter()
        .filter(|request| request.endpoint == "/v1/customers/{id}");
    assert_eq!(reads.count(), 1);
}

/// A model of each database whose hook sends a statement that the database refuses, and says nothing of it.
macro_rules! careless {
    ($($module:ident $name:ident $database:ident;)*) => {$(
        mod $module {
            use stripe_sync::hooks::TypedSyncContext;
            use stripe_sync::{HookError, Outcome, StripeObject, StripeSync, reexport::sqlx};

            #[derive(StripeSync)]
            #[stripe(object = "customer", table = "careless", database = $name, sync = write)]
            pub(super) struct Careless {
                id: String,
                name: Option<String>,
            }

            async fn write(
                object: &StripeObject,
                cx: &mut TypedSyncContext<'_, sqlx::$database>,
            ) -> Result<Outcome, HookError> {
                let outcome = cx.sync_default().await?;
                if object.id() == "cus_3" {
                    let wrong = sqlx::query("INSERT INTO nowhere (id) VALUES (1)");
                    drop(wrong.execute(&mut *cx.connection()).await);
                }
                Ok(outcome)
            }
        }
    )*};
}
careless! {
    on_sqlite sqlite Sqlite;
    on_postgres postgres Postgres;
    on_mysql mysql MySql;
}

/// PostgreSQL takes nothing more in a transaction after an error: only there the row is lost with it.
async fn a_hook_that_says_nothing_of_its_error_fails_one_object(world: &World) {
    async fn run<M: StripeSync>(world: &World) -> stripe_sync::Report {
        world.syncer.ensure_table::<M>().await.unwrap();
        world.syncer.sync_all::<M>().await.unwrap()
    }
    world.customers(6);
    let report = match &world.database.pool {
        Pool::Sqlite(_) => run::<on_sqlite::Careless>(world).await,
        Pool::Postgres(_) => run::<on_postgres::Careless>(world).await,
        Pool::MySql(_) => run::<on_mysql::Careless>(world).await,
    };
    let lost = u64::from(world.is_on(DatabaseKind::Postgres));
    assert_eq!(
        (report.failed, report.inserted),
        (lost, 6 - lost),
        "{report}"
    );
    if lost == 1 {
        assert_eq!(report.failures[0].id, "cus_3");
        assert!(
            report.failures[0]
                .reason
                .contains("a statement of the hook failed"),
            "{report}"
        );
    }
}

on_each_database! {
    World, start, end:
    a_trigger_of_the_users_refuses_one_object
    a_row_that_an_index_does_not_take_fails_alone
    a_foreign_key_that_is_looked_at_in_the_end_fails_one_object
    a_page_that_is_larger_than_a_packet_is_written
    values_that_move_between_rows_end_right
    a_table_that_takes_nothing_ends_the_run
    an_id_that_no_object_can_have_costs_nothing
    a_hook_that_says_nothing_of_its_error_fails_one_object
}
