//! Rows that are likely new and are inserted without being asked for.

use crate::model::hooks::Outcome::{Inserted, Unchanged, Updated};
use crate::model::{Model, StripeSync};
use crate::store::rows::Written;
use crate::store::rows::outcome::Written::Done;
use crate::store::tests::models::{Customer, Everything, customer};
use crate::store::tests::rows::values::full;
use crate::store::tests::world::{World, Write};

/// As a run's page whose page before was all new.
async fn hoping<M: StripeSync>(world: &World, objects: &[String]) -> Vec<Written> {
    world.list::<M>(&[]).await;
    let write = Write {
        expect_all_new: true,
        ..Write::list(world.next_token().await)
    };
    write.rows::<M>(world, objects).await
}

/// Whether PostgreSQL copies rows into the model's table; the other databases have no COPY.
async fn assert_takes_copy(world: &World, model: &'static Model, expected: bool) {
    if world.kind().is_postgres() {
        let scope = World::scope();
        let target = world.store.target(model, &scope).unwrap();
        let facts = world.store.facts(&target).await.unwrap();
        assert_eq!(facts.quick, expected);
    }
}

pub(crate) async fn every_type_comes_back_unasked(world: &World) {
    world.table::<Everything>().await;
    assert_takes_copy(world, Everything::MODEL, true).await;
    let nulls = customer(
        "cus_2",
        r#""name":null,"rate":null,"amount_decimal":null,"delinquent":null,"metadata":null"#,
    );
    let objects = [full(), nulls];
    let written = hoping::<Everything>(world, &objects).await;
    assert_eq!(written, [Done(Inserted), Done(Inserted)]);
    // Read as the store reads rows: each column must hash as it was written.
    let fresh = Write {
        rewrite_unchanged: true,
        ..Write::list(world.next_token().await)
    };
    assert_eq!(
        fresh.rows::<Everything>(world, &objects).await,
        [Done(Unchanged), Done(Unchanged)]
    );
    let table = world.quoted("order");
    let kept = world
        .number(format!(
            "SELECT COUNT(*) FROM {table} WHERE synced IS NOT NULL AND stripe_observed_at > 0"
        ))
        .await;
    assert_eq!(kept, 2);
}

pub(crate) async fn rows_that_exist_after_all_are_compared(world: &World) {
    world.table::<Customer>().await;
    let objects: Vec<String> = (0..4)
        .map(|number| customer(&format!("cus_{number}"), r#""email":"a""#))
        .collect();
    world.list::<Customer>(&objects[1..2]).await;
    let changed = customer("cus_2", r#""email":"b""#);
    world.list::<Customer>(&[changed]).await;
    assert_eq!(
        hoping::<Customer>(world, &objects).await,
        [
            Done(Inserted),
            Done(Unchanged),
            Done(Updated),
            Done(Inserted)
        ]
    );
    let sql = "SELECT COUNT(*) FROM customers WHERE email = 'a'";
    assert_eq!(world.number(sql).await, 4);
}

pub(crate) async fn a_row_that_is_refused_unasked_fails_alone(world: &World) {
    crate::store::tests::rows::refusals::table(world, "VARCHAR(255)", "CHECK (balance >= 0)", "")
        .await;
    let objects: Vec<String> = (-1..3)
        .map(|balance| {
            let fields = format!(r#""email":"a","balance":{balance}"#);
            customer(&format!("cus_{}", balance + 1), &fields)
        })
        .collect();
    let written = hoping::<Customer>(world, &objects).await;
    assert!(matches!(written[0], Written::Failed { .. }), "{written:?}");
    assert_eq!(
        written[1..],
        [Done(Inserted), Done(Inserted), Done(Inserted)]
    );
}

/// A copy casts nothing: a table whose columns are narrower than what is sent gets an INSERT.
pub(crate) async fn a_table_of_other_types_takes_rows_unasked(world: &World) {
    world.table::<Customer>().await;
    if world.kind().is_postgres() {
        let narrow = "ALTER TABLE customers ALTER COLUMN balance TYPE integer";
        world.run(narrow).await;
    }
    assert_takes_copy(world, Customer::MODEL, false).await;
    let objects = [customer("cus_1", r#""email":"a","balance":7"#)];
    assert_eq!(hoping::<Customer>(world, &objects).await, [Done(Inserted)]);
    let sql = "SELECT COUNT(*) FROM customers WHERE balance = 7";
    assert_eq!(world.number(sql).await, 1);
}
