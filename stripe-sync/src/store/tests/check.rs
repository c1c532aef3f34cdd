use super::models::{Coupon, Customer, Everything, PlainCustomer, customer};
use super::world::World;
use crate::cell::CellType;
use crate::hooks::Outcome::Inserted;
use crate::model::{Model, StripeSync};
use crate::store::DifferenceKind::{self, *};
use crate::store::batch::Written::Done;

async fn differences(world: &World, model: &'static Model) -> Vec<(DifferenceKind, String)> {
    let mut differences: Vec<(DifferenceKind, String)> = world
        .store
        .check_table(model)
        .await
        .unwrap()
        .iter()
        .map(|one| (one.kind(), one.column().unwrap_or_default().to_owned()))
        .collect();
    differences.sort_by(|a, b| a.1.cmp(&b.1));
    differences
}

pub(super) async fn a_new_table_fits(world: &World) {
    for model in [
        Customer::MODEL,
        Everything::MODEL,
        Coupon::MODEL,
        PlainCustomer::MODEL,
    ] {
        assert_eq!(
            differences(world, model).await,
            [(MissingTable, String::new())]
        );
        world.store.ensure_table(model).await.unwrap();
        assert_eq!(differences(world, model).await, []);
        // A second time there is nothing to do.
        world.store.ensure_table(model).await.unwrap();
    }
}

pub(super) async fn every_difference_is_said_and_mended(world: &World) {
    world.store.prepare().await.unwrap();
    let dialect = world.kind().dialect();
    let sql_type = |cell| (dialect.column_type)(cell);
    let (text, integer, float) = (
        sql_type(CellType::Text),
        sql_type(CellType::Integer),
        sql_type(CellType::Float),
    );
    let key = dialect.key_text;
    world
        .run(format!(
            "CREATE TABLE customers (id {key} NOT NULL, email {key} NOT NULL, country {float}, \
             balance {integer} NOT NULL, created {text}, notes {key} NOT NULL, stripe_observed_at {integer}, \
             stripe_hash {integer} NOT NULL, surplus {integer} NOT NULL, harmless {integer} NOT NULL DEFAULT 1)"
        ))
        .await;
    let expected = [
        (MissingKey, ""),
        (WrongType, "country"),
        (WrongType, "created"),
        (NotNullable, "email"),
        (NoDefault, "notes"),
        (MissingColumn, "stripe_deleted_at"),
        (NotNullable, "stripe_hash"),
        (Nullable, "stripe_observed_at"),
        (NoDefault, "surplus"),
        (MissingColumn, "tenant"),
    ]
    .map(|(kind, column)| (kind, column.to_owned()));
    assert_eq!(differences(world, Customer::MODEL).await, expected);

    let all = world.store.check_table(Customer::MODEL).await.unwrap();
    let said: Vec<String> = all.iter().map(ToString::to_string).collect();
    let created = said.iter().find(|one| one.contains("created")).unwrap();
    let wanted = sql_type(CellType::Instant);
    assert!(
        created.starts_with("customers.created: expected") && created.contains(wanted),
        "{created}"
    );
    // Each fix is a statement that this database runs.
    let sqlite = dialect.feature == "sqlite";
    for difference in &all {
        let fix = difference.fix();
        if sqlite && fix.starts_with("--") {
            continue;
        }
        if dialect.feature == "postgres" && difference.kind() == WrongType {
            // There is no way from text to a moment without saying which; an empty table has none to convert.
            let column = difference.column().unwrap();
            let name = world.quoted(column);
            let again = format!(
                "ALTER TABLE customers DROP COLUMN {name}, ADD COLUMN {name} {}",
                difference.expected()
            );
            world.run(again).await;
            continue;
        }
        world.run(fix).await;
    }
    let left = differences(world, Customer::MODEL).await;
    if sqlite {
        // What SQLite can add is added.
        assert!(
            left.iter()
                .all(|(kind, _)| !matches!(kind, MissingColumn | MissingKey)),
            "{left:?}"
        );
        return;
    }
    assert_eq!(left, []);
    assert_eq!(
        world.list::<Everything>(&[]).await,
        Vec::new(),
        "an empty batch needs no table"
    );
    world
        .store
        .check_owner(Customer::MODEL, &World::scope())
        .await
        .unwrap();
    assert_eq!(
        world.list::<Customer>(&[customer("cus_1", "")]).await,
        [Done(Inserted)]
    );
}

pub(super) async fn a_table_of_narrower_types_fits(world: &World) {
    world.store.prepare().await.unwrap();
    let (key, instant, integer) = match world.kind().dialect().feature {
        "mysql" => (
            "VARCHAR(255) COLLATE utf8mb4_general_ci",
            "TIMESTAMP(6) NULL",
            "INT",
        ),
        "postgres" => ("varchar(255)", "timestamptz", "integer"),
        _ => ("VARCHAR(255)", "BIGINT", "INT"),
    };
    let bookkeeping = (world.kind().dialect().column_type)(CellType::Integer);
    world
        .run(format!(
            "CREATE TABLE customers (id {key} NOT NULL PRIMARY KEY, email VARCHAR(100), country CHAR(2), \
             tenant VARCHAR(100), balance {integer} NOT NULL, created {instant}, notes VARCHAR(10), \
             stripe_observed_at {bookkeeping} NOT NULL DEFAULT 0, stripe_hash {bookkeeping} NULL, \
             stripe_deleted_at {instant})"
        ))
        .await;
    if world.kind().is_mysql() {
        assert_eq!(
            differences(world, Customer::MODEL).await,
            [(InexactKey, "id".to_owned())]
        );
        let all = world.store.check_table(Customer::MODEL).await.unwrap();
        world.run(all[0].fix()).await;
    }
    assert_eq!(differences(world, Customer::MODEL).await, []);
    world
        .store
        .check_owner(Customer::MODEL, &World::scope())
        .await
        .unwrap();
    let fits = r#""email":"a","address":{"country":"FR"},"balance":7"#;
    let wide = r#""email":"a","balance":99999999999"#;
    let objects = [customer("cus_1", fits), customer("cus_2", wide)];
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(written[0], Done(Inserted));
    if world.kind().dialect().feature != "sqlite" {
        assert!(
            matches!(written[1], crate::store::batch::Written::Failed { .. }),
            "{written:?}"
        );
    }
    let fresh = super::world::Write {
        fresh: true,
        ..super::world::Write::list(world.tick().await)
    };
    let again = fresh.rows::<Customer>(world, &objects[..1]).await;
    assert_eq!(again, [Done(crate::hooks::Outcome::Unchanged)]);
}
