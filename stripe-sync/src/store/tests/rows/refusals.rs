use crate::model::StripeSync;
use crate::model::hooks::Outcome::{Inserted, Updated};
use crate::store::rows::outcome::Written::Done;
use crate::store::rows::{Failure, Written};
use crate::store::tests::models::{Customer, customer};
use crate::store::tests::world::World;

/// The table of [`Customer`] with what a test adds to columns.
pub(crate) async fn table(world: &World, email: &str, balance: &str, more: &str) {
    world.store.prepare().await.unwrap();
    let mut create = crate::sync::create_table::<Customer>(world.kind()).remove(0);
    let balance_type = world
        .kind()
        .driver()
        .column_type(crate::cell::CellType::Integer);
    let (email_name, balance_name) = (world.quoted("email"), world.quoted("balance"));
    let text = world
        .kind()
        .driver()
        .column_type(crate::cell::CellType::Text);
    create = create.replace(
        &format!("{email_name} {text}"),
        &format!("{email_name} {email}"),
    );
    create = create.replace(
        &format!("{balance_name} {balance_type} NOT NULL"),
        &format!("{balance_name} {balance_type} NOT NULL {balance}"),
    );
    create = create.replace("\n  PRIMARY KEY", &format!("{more}\n  PRIMARY KEY"));
    world.run(create).await;
    world
        .store
        .check_owner(Customer::MODEL, &World::scope(), false)
        .await
        .unwrap();
}

fn column_of(written: &Written) -> Option<&str> {
    match written {
        Written::Failed { column, .. } => column.as_deref(),
        other => panic!("expected a failure, found {other:?}"),
    }
}

pub(crate) async fn a_row_that_breaks_a_check_is_named_with_its_column(world: &World) {
    table(world, "VARCHAR(255)", "CHECK (balance >= 0)", "").await;
    let objects: Vec<String> = (0..300)
        .map(|number| {
            let balance = if number == 123 { -1 } else { number };
            customer(
                &format!("cus_{number:03}"),
                &format!(r#""email":"a","balance":{balance}"#),
            )
        })
        .collect();
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(column_of(&written[123]), Some("balance"));
    let done = written.iter().filter(|one| **one == Done(Inserted)).count();
    assert_eq!(done, 299);
    assert_eq!(world.number("SELECT COUNT(*) FROM customers").await, 299);
}

pub(crate) async fn a_null_where_none_may_be_is_named_with_its_column(world: &World) {
    table(world, "VARCHAR(255) NOT NULL", "", "").await;
    let objects = [
        customer("cus_1", r#""email":"a""#),
        customer("cus_2", r#""email":null"#),
        customer("cus_3", r#""email":"c""#),
    ];
    let written = world.single::<Customer>(&objects).await;
    assert_eq!(written[0], Done(Inserted));
    assert_eq!(column_of(&written[1]), Some("email"));
    assert_eq!(written[2], Done(Inserted));
    // The failed one keeps its old row, too.
    let objects = [
        customer("cus_1", r#""email":null"#),
        customer("cus_3", r#""email":"cc""#),
    ];
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(column_of(&written[0]), Some("email"));
    assert_eq!(written[1], Done(Updated));
    let email = world
        .text("SELECT email FROM customers WHERE id = 'cus_1'")
        .await;
    assert_eq!(email.as_deref(), Some("a"));
}

pub(crate) async fn a_second_unique_key_is_never_overwritten(world: &World) {
    table(world, "VARCHAR(255) UNIQUE", "", "").await;
    let first = [
        customer("cus_1", r#""email":"a@b.c""#),
        customer("cus_2", r#""email":"x@y.z""#),
    ];
    world.list::<Customer>(&first).await;
    // A new object with an e-mail that another row has, and a changed one.
    let second = [
        customer("cus_2", r#""email":"a@b.c""#),
        customer("cus_3", r#""email":"a@b.c""#),
        customer("cus_4", r#""email":"new@b.c""#),
    ];
    let written = world.list::<Customer>(&second).await;
    assert_eq!(column_of(&written[0]), Some("email"));
    assert_eq!(column_of(&written[1]), Some("email"));
    assert_eq!(written[2], Done(Inserted));
    let rows = "SELECT COUNT(*) FROM customers WHERE id = 'cus_1' AND email = 'a@b.c' \
                OR id = 'cus_2' AND email = 'x@y.z' OR id = 'cus_4' AND email = 'new@b.c'";
    assert_eq!(world.number(rows).await, 3);
    // The e-mail moves on: the row that has it changes in the same batch.
    let swapped = [
        customer("cus_1", r#""email":"other@b.c""#),
        customer("cus_2", r#""email":"a@b.c""#),
    ];
    assert_eq!(
        world.list::<Customer>(&swapped).await,
        [Done(Updated), Done(Updated)]
    );
}

pub(crate) async fn a_foreign_key_refuses_one_row(world: &World) {
    let text = world.kind().dialect().key_text;
    world
        .run(format!("CREATE TABLE countries (code {text} PRIMARY KEY)"))
        .await;
    world
        .run("INSERT INTO countries (code) VALUES ('FR')")
        .await;
    world.store.ensure_table(Customer::MODEL).await.unwrap();
    world.run("DROP TABLE customers").await;
    let mut create = crate::sync::create_table::<Customer>(world.kind()).remove(0);
    let country = world.quoted("country");
    let plain = world
        .kind()
        .driver()
        .column_type(crate::cell::CellType::Text);
    create = create.replace(&format!("{country} {plain}"), &format!("{country} {text}"));
    create = create.replace(
        "\n  PRIMARY KEY",
        "\n  FOREIGN KEY (country) REFERENCES countries (code),\n  PRIMARY KEY",
    );
    if world.kind().is_postgres() {
        // Speaks at the commit only, when no statement is there to blame any more.
        create = create.replace("(code),", "(code) DEFERRABLE INITIALLY DEFERRED,");
    }
    world.run(create).await;
    let model = Customer::MODEL;
    world
        .store
        .check_owner(model, &World::scope(), false)
        .await
        .unwrap();
    let objects = [
        customer("cus_1", r#""address":{"country":"FR"}"#),
        customer("cus_2", r#""address":{"country":"XX"}"#),
    ];
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(written[0], Done(Inserted));
    assert!(matches!(written[1], Written::Failed { .. }), "{written:?}");
}

pub(crate) async fn text_with_nul_ends_as_the_row_s_failure(world: &World) {
    use crate::store::tests::models::Everything;
    world.table::<Everything>().await;
    let objects = [
        customer("cus_1", r#""name":"fine""#),
        customer("cus_2", r#""name":"a\u0000b""#),
        customer("cus_3", r#""metadata":{"a":"\u0000"}"#),
    ];
    let written = world.list::<Everything>(&objects).await;
    assert_eq!(written[0], Done(Inserted));
    if world.kind().is_postgres() {
        assert_eq!(column_of(&written[1]), Some("group"));
        assert_eq!(column_of(&written[2]), Some("metadata"));
    } else {
        assert_eq!(written[1..], [Done(Inserted), Done(Inserted)]);
    }
}

pub(crate) async fn a_value_too_wide_is_named_with_its_column(world: &World) {
    // SQLite has no widths; a CHECK stands in.
    let (email, balance) = match world.kind().dialect().feature {
        "sqlite" => (
            "TEXT CHECK (length(email) <= 10)",
            "CHECK (balance < 1000000000)",
        ),
        _ => ("VARCHAR(10)", ""),
    };
    table(world, email, balance, "").await;
    if world.kind().is_postgres() {
        world
            .run("ALTER TABLE customers ALTER COLUMN balance TYPE integer")
            .await;
    } else if world.kind().is_mysql() {
        world
            .run("ALTER TABLE customers MODIFY COLUMN balance INT NOT NULL")
            .await;
    }
    let objects = [
        customer("cus_1", r#""email":"ten letter""#),
        customer("cus_2", r#""email":"eleven more""#),
        customer("cus_3", r#""balance":99999999999"#),
    ];
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(written[0], Done(Inserted));
    assert_eq!(column_of(&written[1]), Some("email"));
    assert_eq!(column_of(&written[2]), Some("balance"));
}

pub(crate) async fn a_session_that_cuts_values_is_refused(world: &World) {
    #[cfg(feature = "mysql")]
    #[allow(irrefutable_let_patterns, reason = "with one database enabled")]
    if let crate::store::db::pool::Pool::MySql(pool) = &world.store.pool {
        let options = (*pool.connect_options()).clone();
        let pool = sqlx::mysql::MySqlPoolOptions::new()
            .after_connect(|conn, _| {
                Box::pin(async move {
                    let set = "SET SESSION sql_mode = ''";
                    sqlx::raw_sql(set).execute(conn).await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .unwrap();
        let refused = crate::store::db::store::IntoStore::into_store(pool)
            .prepare()
            .await;
        let not_strict = crate::store::db::error::StoreError::NotStrict;
        assert_eq!(refused.unwrap_err().to_string(), not_strict.to_string());
        return;
    }
    // The others refuse by themselves.
    world.store.prepare().await.unwrap();
}

pub(crate) async fn failures_are_remembered_and_forgotten(world: &World) {
    world.table::<Customer>().await;
    let (model, scope) = (Customer::MODEL, World::scope());
    let failure = |id: &str, reason: &str| Failure {
        id: id.to_owned(),
        column: Some("email".to_owned()),
        reason: reason.to_owned(),
    };
    let failures = [
        failure("cus_2", "x\0y"),
        failure("cus_1", "first"),
        failure("", "no id"),
    ];
    let store = &world.store;
    store.record_failed(model, &scope, &failures).await.unwrap();
    let again = [failure("cus_1", "second")];
    store.record_failed(model, &scope, &again).await.unwrap();
    let rows = store.failed(model, &scope).await.unwrap();
    let found: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.reason.as_str()))
        .collect();
    assert_eq!(
        found,
        [("", "no id"), ("cus_1", "second"), ("cus_2", "x\u{fffd}y")]
    );
    assert_eq!(rows[1].column.as_deref(), Some("email"));
    assert_eq!(rows[1].to_string(), "cus_1: email: second");
    assert_eq!(rows[0].to_string(), "(no id): email: no id");
    let outcome = crate::sync::IdOutcome::Failed(failure("cus_3", "third"));
    assert_eq!(outcome.to_string(), "failed cus_3: email: third");
    let ids = ["cus_1".to_owned(), String::new()];
    store.clear_failed(model, &scope, &ids).await.unwrap();
    assert_eq!(store.failed(model, &scope).await.unwrap().len(), 1);
    let mut other = scope.clone();
    other.livemode = true;
    assert!(store.failed(model, &other).await.unwrap().is_empty());
}

pub(crate) async fn many_bad_rows_are_all_found(world: &World) {
    table(world, "VARCHAR(255)", "CHECK (balance >= 0)", "").await;
    let objects: Vec<String> = (0..100)
        .map(|number| {
            let balance = if number % 9 == 4 { -1 } else { 1 };
            customer(
                &format!("cus_{number:02}"),
                &format!(r#""balance":{balance}"#),
            )
        })
        .collect();
    let written = world.list::<Customer>(&objects).await;
    for (number, written) in written.iter().enumerate() {
        match number % 9 {
            4 => assert_eq!(column_of(written), Some("balance")),
            _ => assert_eq!(*written, Done(Inserted)),
        }
    }
}
