use crate::cell::{Cell, CellType};
use crate::model::hooks::Outcome::{Inserted, Unchanged, Updated};
use crate::store::rows::Written;
use crate::store::rows::outcome::Written::Done;
use crate::store::tests::models::{Customer, Everything, customer};
use crate::store::tests::world::{World, Write};

fn everything(id: &str, more: &str) -> String {
    customer(id, more)
}

pub(crate) async fn null_absent_and_present_differ(world: &World) {
    world.table::<Customer>().await;
    let present = customer(
        "cus_1",
        r#""email":"a@b.c","address":{"country":"FR"},"metadata":{"tenant":"t"},"balance":5"#,
    );
    assert_eq!(world.list::<Customer>(&[present]).await, [Done(Inserted)]);

    // Nothing of the address and the metadata came: what is stored stays. Null clears.
    let partly = [customer("cus_1", r#""email":null"#)];
    assert_eq!(world.list::<Customer>(&partly).await, [Done(Updated)]);
    let row = || async {
        let sql = "SELECT email, country, tenant, balance FROM customers";
        let columns = [
            CellType::Text,
            CellType::Text,
            CellType::Text,
            CellType::Integer,
        ];
        world.rows(sql, &columns).await.remove(0)
    };
    let kept = [
        Cell::Null,
        Cell::text("FR"),
        Cell::text("t"),
        Cell::Integer(5),
    ];
    assert_eq!(row().await, kept);
    // Completed from the table, the same object is unchanged, on a page and by itself.
    assert_eq!(world.list::<Customer>(&partly).await, [Done(Unchanged)]);
    assert_eq!(world.single::<Customer>(&partly).await, [Done(Unchanged)]);

    // Absent in an object that is new takes the default, or NULL.
    assert_eq!(
        world.list::<Customer>(&[customer("cus_2", "")]).await,
        [Done(Inserted)]
    );
    let sql = "SELECT COUNT(*) FROM customers WHERE id = 'cus_2' AND email IS NULL AND balance = 0";
    assert_eq!(world.number(sql).await, 1);

    // A path whose parent is null is null, and clears.
    let cleared = customer("cus_1", r#""email":"x","address":null,"balance":6"#);
    assert_eq!(world.single::<Customer>(&[cleared]).await, [Done(Updated)]);
    let kept = [
        Cell::text("x"),
        Cell::Null,
        Cell::text("t"),
        Cell::Integer(6),
    ];
    assert_eq!(
        world
            .rows(
                "SELECT email, country, tenant, balance FROM customers WHERE id = 'cus_1'",
                &[
                    CellType::Text,
                    CellType::Text,
                    CellType::Text,
                    CellType::Integer
                ]
            )
            .await[0],
        kept
    );
}

pub(crate) async fn a_decimal_keeps_twelve_places(world: &World) {
    world.table::<Everything>().await;
    let amounts = [
        "0.000000000001",
        "-12345678901234.123456789012",
        "79228162514264.337593543950",
    ];
    let objects: Vec<String> = amounts
        .iter()
        .zip(["cus_1", "cus_2", "cus_3"])
        .map(|(amount, id)| everything(id, &format!(r#""amount_decimal":"{amount}""#)))
        .collect();
    world.list::<Everything>(&objects).await;
    let table = world.quoted("order");
    let sql = format!("SELECT amount FROM {table} ORDER BY id");
    let stored = world.rows(sql, &[CellType::Decimal]).await;
    for (row, amount) in stored.iter().zip(amounts) {
        assert_eq!(row[0], Cell::Decimal(amount.parse().unwrap()));
    }
    assert_eq!(
        world.list::<Everything>(&objects).await,
        [Done(Unchanged), Done(Unchanged), Done(Unchanged)]
    );
    // What the database gives back is what was hashed.
    let fresh = Write {
        rewrite_unchanged: true,
        ..Write::list(world.next_token().await)
    };
    assert_eq!(
        fresh.rows::<Everything>(world, &objects).await,
        [Done(Unchanged), Done(Unchanged), Done(Unchanged)]
    );
}

pub(crate) fn full() -> String {
    everything(
        "cus_1",
        r#""name":"Zoë \u00e9 '\"\\ 漢","balance":-9007199254740993,"rate":0.1,"amount_decimal":"1.50",
           "delinquent":true,"metadata":{"a":"1","b":"ü"},"list":[1,2.50,{"z":null,"a":[]}]"#,
    )
}

pub(crate) async fn every_type_comes_back(world: &World) {
    world.table::<Everything>().await;
    world.list::<Everything>(&[full()]).await;
    // Read as the store reads rows: each column must hash as it was written.
    let fresh = |start| Write {
        rewrite_unchanged: true,
        ..Write::list(start)
    };
    let start = world.next_token().await;
    assert_eq!(
        fresh(start).rows::<Everything>(world, &[full()]).await,
        [Done(Unchanged)]
    );
    let nulls = [everything(
        "cus_1",
        r#""name":null,"rate":null,"amount_decimal":null,"delinquent":null,"metadata":null"#,
    )];
    let start = world.next_token().await;
    assert_eq!(
        fresh(start).rows::<Everything>(world, &nulls).await,
        [Done(Updated)]
    );
    let start = world.next_token().await;
    assert_eq!(
        fresh(start).rows::<Everything>(world, &nulls).await,
        [Done(Unchanged)]
    );
}

pub(crate) async fn a_second_identical_write_writes_nothing(world: &World) {
    world.table::<Customer>().await;
    let objects: Vec<String> = (0..150)
        .map(|number| customer(&format!("cus_{number}"), r#""email":"a@b.c""#))
        .collect();
    world.list::<Customer>(&objects).await;
    let observed = "SELECT MAX(stripe_observed_at) FROM customers";
    let before = (world.number(observed).await, written(world).await);
    let second = world.list::<Customer>(&objects).await;
    assert_eq!(second, vec![Done(Unchanged); 150]);
    assert_eq!((world.number(observed).await, written(world).await), before);
    // The same with other spaces, another order of keys and another spelling.
    let spelled = objects[0].replace("\"created\":1700000000", "\"created\" : 1700000000");
    assert_eq!(world.list::<Customer>(&[spelled]).await, [Done(Unchanged)]);
}

/// Which transaction wrote each row, and where it stands; nothing where the database does not say.
async fn written(world: &World) -> Option<String> {
    if !world.kind().is_postgres() {
        return None;
    }
    let sql = "SELECT string_agg(id || ctid::text || xmin::text || xmax::text, ' ' ORDER BY id) FROM customers";
    world.text(sql).await
}

pub(crate) async fn fresh_does_not_trust_the_hash(world: &World) {
    world.table::<Customer>().await;
    let object = [customer("cus_1", r#""email":"a@b.c""#)];
    world.list::<Customer>(&object).await;
    // Somebody changes a mirrored column by hand.
    world
        .run("UPDATE customers SET email = 'changed by hand'")
        .await;
    assert_eq!(world.list::<Customer>(&object).await, [Done(Unchanged)]);
    let fresh = Write {
        rewrite_unchanged: true,
        ..Write::list(world.next_token().await)
    };
    assert_eq!(
        fresh.rows::<Customer>(world, &object).await,
        [Done(Updated)]
    );
    let email = world.text("SELECT email FROM customers").await;
    assert_eq!(email.as_deref(), Some("a@b.c"));
}

pub(crate) async fn local_columns_are_left_alone(world: &World) {
    world.table::<Customer>().await;
    world
        .list::<Customer>(&[customer("cus_1", r#""email":"a""#)])
        .await;
    world
        .run("UPDATE customers SET notes = 'a good customer'")
        .await;
    world
        .list::<Customer>(&[customer("cus_1", r#""email":"b""#)])
        .await;
    world
        .single::<Customer>(&[customer("cus_1", r#""email":"c""#)])
        .await;
    let notes = world.text("SELECT notes FROM customers").await;
    assert_eq!(notes.as_deref(), Some("a good customer"));
}

pub(crate) async fn a_big_batch_is_written_whole(world: &World) {
    world.table::<Customer>().await;
    let objects = |email: &str| -> Vec<String> {
        (0..537)
            .map(|number| {
                customer(
                    &format!("cus_{number:03}"),
                    &format!(r#""email":"{email}{number}""#),
                )
            })
            .collect()
    };
    let inserted = world.list::<Customer>(&objects("a")).await;
    assert_eq!(inserted, vec![Done(Inserted); 537]);
    let updated = world.list::<Customer>(&objects("b")).await;
    assert_eq!(updated, vec![Done(Updated); 537]);
    let sql = "SELECT COUNT(*) FROM customers WHERE email LIKE 'b%'";
    assert_eq!(world.number(sql).await, 537);
    let unchanged: Vec<Written> = world.single::<Customer>(&objects("b")).await;
    assert_eq!(unchanged, vec![Done(Unchanged); 537]);
}

pub(crate) async fn the_time_of_a_write_is_kept(world: &World) {
    world.table::<Everything>().await;
    let before = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    world.list::<Everything>(&[full()]).await;
    let table = world.quoted("order");
    let synced = || async {
        let sql = format!("SELECT synced FROM {table}");
        match world.value(sql, CellType::Instant).await {
            Cell::Instant(value) => value,
            other => panic!("expected a moment, found {other:?}"),
        }
    };
    let first = synced().await;
    assert!(first > before && first <= chrono::Utc::now());
    world.list::<Everything>(&[full()]).await;
    assert_eq!(synced().await, first);
    world.list::<Everything>(&[everything("cus_1", "")]).await;
    assert!(synced().await > first);
}
