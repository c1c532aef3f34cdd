use crate::model::StripeSync;
use crate::model::hooks::Outcome::{Inserted, Unchanged, Updated};
use crate::store::db::{Scope, StoreError};
use crate::store::rows::Written;
use crate::store::rows::delete::Removal;
use crate::store::rows::outcome::Written::Done;
use crate::store::tests::models::{Coupon, Customer, SchemaCustomer, User, coupon, customer};
use crate::store::tests::world::{World, Write};

pub(crate) async fn of_two_equal_ids_the_last_counts(world: &World) {
    world.table::<Customer>().await;
    let objects = [
        customer("cus_1", r#""email":"first""#),
        customer("cus_2", r#""email":"other""#),
        customer("cus_1", r#""email":"last""#),
    ];
    assert_eq!(
        world.list::<Customer>(&objects).await,
        [Done(Inserted), Done(Inserted)]
    );
    let email = world
        .text("SELECT email FROM customers WHERE id = 'cus_1'")
        .await;
    assert_eq!(email.as_deref(), Some("last"));
}

pub(crate) async fn ids_that_differ_only_in_case_are_two(world: &World) {
    world.table::<Customer>().await;
    let long = "x".repeat(254);
    let objects = [
        customer("cus_A", r#""email":"upper""#),
        customer("cus_a", r#""email":"lower""#),
        customer(&format!("{long}1"), ""),
        customer(&format!("{long}2"), ""),
    ];
    assert_eq!(
        world.list::<Customer>(&objects).await,
        vec![Done(Inserted); 4]
    );
    assert_eq!(
        world.single::<Customer>(&objects).await,
        vec![Done(Unchanged); 4]
    );
    let email = world
        .text("SELECT email FROM customers WHERE id = 'cus_a'")
        .await;
    assert_eq!(email.as_deref(), Some("lower"));
    assert_eq!(world.number("SELECT COUNT(*) FROM customers").await, 4);
}

pub(crate) async fn one_id_in_two_accounts_and_both_modes(world: &World) {
    let model = Coupon::MODEL;
    world.store.ensure_table(model).await.unwrap();
    let scopes: Vec<Scope> = [
        ("acct_1", false),
        ("acct_1", true),
        ("acct_2", false),
        ("acct_2", true),
    ]
    .into_iter()
    .map(|(account, livemode)| Scope {
        account: account.to_owned(),
        livemode,
    })
    .collect();
    for (number, scope) in scopes.iter().enumerate() {
        world.store.check_owner(model, scope, false).await.unwrap();
        let write = Write {
            scope: scope.clone(),
            ..Write::list(world.next_token().await)
        };
        let object = [coupon("SUMMER", &format!("coupon {number}"))];
        assert_eq!(write.rows::<Coupon>(world, &object).await, [Done(Inserted)]);
        assert_eq!(
            write.rows::<Coupon>(world, &object).await,
            [Done(Unchanged)]
        );
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM coupons").await, 4);
    // Another account's and mode's rows are neither updated nor deleted.
    let write = Write {
        scope: scopes[1].clone(),
        ..Write::single(world.next_token().await)
    };
    let object = [coupon("SUMMER", "changed")];
    assert_eq!(write.rows::<Coupon>(world, &object).await, [Done(Updated)]);
    let start = world.next_token().await;
    let ids = ["SUMMER".to_owned()];
    world
        .store
        .delete(model, &scopes[1], &ids, Removal::deleted(start))
        .await
        .unwrap();
    let others =
        "SELECT COUNT(*) FROM coupons WHERE stripe_deleted_at IS NULL AND name <> 'changed'";
    assert_eq!(world.number(others).await, 3);
}

pub(crate) async fn a_table_is_bound_to_one_account_and_mode(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&[customer("cus_1", "")]).await;
    let model = Customer::MODEL;
    for (account, livemode) in [("acct_2", false), ("acct_1", true)] {
        let scope = Scope {
            account: account.to_owned(),
            livemode,
        };
        let bound = world.store.check_owner(model, &scope, false).await;
        assert!(
            matches!(bound, Err(StoreError::WrongAccount { .. })),
            "{bound:?}"
        );
        let write = Write {
            scope: scope.clone(),
            ..Write::list(world.next_token().await)
        };
        let written = write
            .report::<Customer>(world, &[customer("cus_2", "")])
            .await;
        assert!(written.is_err());
        let start = world.next_token().await;
        let ids = ["cus_1".to_owned()];
        let deleted = world
            .store
            .delete(model, &scope, &ids, Removal::deleted(start))
            .await;
        assert!(deleted.is_err());
    }
    let rows = "SELECT COUNT(*) FROM customers WHERE stripe_deleted_at IS NULL";
    assert_eq!(world.number(rows).await, 1);
    let error = world
        .store
        .check_owner(
            model,
            &Scope {
                account: "acct_2".to_owned(),
                livemode: true,
            },
            false,
        )
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("test data of acct_1") && error.contains("live data of acct_2"),
        "{error}"
    );
}

pub(crate) async fn a_table_in_a_schema_of_its_own(world: &World) {
    let feature = world.kind().dialect().feature;
    if feature == "sqlite" {
        // An attached file belongs to one connection; the names are those of an attached one all the same.
        return attached_file(world).await;
    }
    let mysql = feature == "mysql";
    let mut guard = world.begin().await;
    if mysql {
        // A schema is a database of the whole server there, which another run of the suite may be using.
        let lock = "SELECT GET_LOCK('stripe_sync_test_billing', 120)";
        guard.conn().run(lock).await.unwrap();
    }
    world.run("DROP SCHEMA IF EXISTS billing").await;
    world.run("CREATE SCHEMA billing").await;
    world.table::<SchemaCustomer>().await;
    let objects = [customer("cus_1", r#""email":"a""#)];
    assert_eq!(
        world.list::<SchemaCustomer>(&objects).await,
        [Done(Inserted)]
    );
    let differences = world.store.check_table(SchemaCustomer::MODEL).await;
    let cascade = if mysql { "" } else { " CASCADE" };
    world.run(format!("DROP SCHEMA billing{cascade}")).await;
    if mysql {
        let unlock = "SELECT RELEASE_LOCK('stripe_sync_test_billing')";
        guard.conn().run(unlock).await.unwrap();
    }
    guard.rollback().await.unwrap();
    assert_eq!(differences.unwrap(), []);
}

#[cfg(feature = "sqlite")]
async fn attached_file(world: &World) {
    use crate::store::db::pool::Pool;
    use crate::store::db::store::IntoStore as _;
    use sqlx::sqlite::SqlitePoolOptions;
    #[allow(irrefutable_let_patterns, reason = "with one database enabled")]
    let Pool::Sqlite(pool) = &world.store.pool else {
        return;
    };
    let options = (*pool.connect_options()).clone();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .after_connect(|conn, _| {
            Box::pin(async move {
                let attach = "ATTACH DATABASE ':memory:' AS billing";
                sqlx::raw_sql(attach).execute(conn).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .unwrap();
    let store = pool.into_store();
    let model = SchemaCustomer::MODEL;
    store.ensure_table(model).await.unwrap();
    assert_eq!(store.check_table(model).await.unwrap(), []);
    store
        .check_owner(model, &World::scope(), false)
        .await
        .unwrap();
    let world = World::of(store);
    for (email, outcome) in [("a", Inserted), ("b", Updated), ("b", Unchanged)] {
        let object = [customer("cus_1", &format!(r#""email":"{email}""#))];
        assert_eq!(world.list::<SchemaCustomer>(&object).await, [Done(outcome)]);
    }
}

#[cfg(not(feature = "sqlite"))]
async fn attached_file(_: &World) {}

pub(crate) async fn a_table_with_an_id_of_its_own(world: &World) {
    let users = world.quoted("users");
    let key = world.kind().dialect().key_text;
    let auto = match world.kind().dialect().feature {
        "postgres" => "bigint GENERATED ALWAYS AS IDENTITY",
        "mysql" => "BIGINT NOT NULL AUTO_INCREMENT",
        _ => "INTEGER",
    };
    world
        .run(format!(
            "CREATE TABLE {users} (id {auto} PRIMARY KEY, email {key} UNIQUE, stripe_id {key} UNIQUE, \
             nick {key})"
        ))
        .await;
    // Lacks the bookkeeping and the user's own column for deletions; both are added.
    world.table::<User>().await;
    assert_eq!(world.store.check_table(User::MODEL).await.unwrap(), []);
    world
        .run("INSERT INTO users (stripe_id, email, nick) VALUES ('cus_1', 'a@b.c', 'Al')")
        .await;
    let objects = [
        customer("cus_1", r#""email":"al@b.c""#),
        customer("cus_2", r#""email":"a@b.c""#),
    ];
    assert_eq!(
        world.list::<User>(&objects).await,
        [Done(Updated), Done(Inserted)]
    );
    let sql = "SELECT COUNT(*) FROM users WHERE stripe_id = 'cus_1' AND email = 'al@b.c' AND nick = 'Al' AND id = 1";
    assert_eq!(world.number(sql).await, 1);
    let start = world.next_token().await;
    let ids = ["cus_1".to_owned()];
    world
        .store
        .delete(User::MODEL, &World::scope(), &ids, Removal::deleted(start))
        .await
        .unwrap();
    let gone = "SELECT COUNT(*) FROM users WHERE gone IS NOT NULL";
    assert_eq!(world.number(gone).await, 1);
    assert_eq!(
        world.list::<User>(&objects).await,
        [Done(Updated), Done(Unchanged)]
    );
    assert_eq!(world.number(gone).await, 0);

    // An e-mail that another row has: on MySQL the first unique key that is met would decide which row is changed.
    let taken = [customer("cus_2", r#""email":"al@b.c""#)];
    let written = world.single::<User>(&taken).await;
    assert!(
        matches!(&written[..], [Written::Failed { column: Some(column), .. }] if column == "email"),
        "{written:?}"
    );
    assert_eq!(world.number(sql).await, 1);
}
