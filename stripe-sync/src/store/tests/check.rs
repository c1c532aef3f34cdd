use crate::cell::CellType;
use crate::model::hooks::Outcome::Inserted;
use crate::model::{Model, StripeSync};
use crate::store::rows::outcome::Written::Done;
use crate::store::tables::check::difference::DifferenceKind;
use crate::store::tables::check::difference::DifferenceKind::*;
use crate::store::tests::models::{Coupon, Customer, Everything, PlainCustomer, Priced, customer};
use crate::store::tests::world::World;

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

pub(crate) async fn a_new_table_fits(world: &World) {
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

pub(crate) async fn every_difference_is_said_and_mended(world: &World) {
    world.store.prepare().await.unwrap();
    let dialect = world.kind().dialect();
    let sql_type = |cell| world.kind().driver().column_type(cell);
    let (text, integer, float) = (
        sql_type(CellType::Text),
        sql_type(CellType::Integer),
        sql_type(CellType::Float),
    );
    let key = dialect.key_text;
    // SQLite keeps moments as texts.
    let wrong = if world.kind().dialect().locks_by_asking {
        float
    } else {
        text
    };
    world
        .run(format!(
            "CREATE TABLE customers (id {key} NOT NULL, email {key} NOT NULL, country {float}, \
             balance {integer} NOT NULL, created {wrong}, notes {key} NOT NULL, stripe_observed_at {integer}, \
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
    // Each fix is statements that this database runs.
    for difference in &all {
        world.run(difference.fix()).await;
    }
    let left = differences(world, Customer::MODEL).await;
    assert_eq!(left, []);
    assert_eq!(
        world.list::<Everything>(&[]).await,
        Vec::new(),
        "an empty batch needs no table"
    );
    world
        .store
        .check_owner(Customer::MODEL, &World::scope(), false)
        .await
        .unwrap();
    assert_eq!(
        world.list::<Customer>(&[customer("cus_1", "")]).await,
        [Done(Inserted)]
    );
}

pub(crate) async fn a_table_of_narrower_types_fits(world: &World) {
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
    let bookkeeping = world.kind().driver().column_type(CellType::Integer);
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
        .check_owner(Customer::MODEL, &World::scope(), false)
        .await
        .unwrap();
    let fits = r#""email":"a","address":{"country":"FR"},"balance":7"#;
    let wide = r#""email":"a","balance":99999999999"#;
    let objects = [customer("cus_1", fits), customer("cus_2", wide)];
    let written = world.list::<Customer>(&objects).await;
    assert_eq!(written[0], Done(Inserted));
    if world.kind().dialect().feature != "sqlite" {
        assert!(
            matches!(
                written[1],
                crate::store::rows::outcome::Written::Failed { .. }
            ),
            "{written:?}"
        );
    }
    let fresh = crate::store::tests::world::Write {
        rewrite_unchanged: true,
        ..crate::store::tests::world::Write::list(world.next_token().await)
    };
    let again = fresh.rows::<Customer>(world, &objects[..1]).await;
    assert_eq!(again, [Done(crate::model::hooks::Outcome::Unchanged)]);
}

/// The differences of a table of customers whose columns are changed in one way.
pub(crate) async fn with_columns(
    world: &World,
    changes: &[(&str, &str)],
) -> Vec<(DifferenceKind, String)> {
    world.run("DROP TABLE IF EXISTS customers").await;
    let place = world.store.place(Customer::MODEL);
    let mut create =
        crate::store::tables::create::create_table(Customer::MODEL, &place.table, world.kind())
            .join(";");
    for (column, sql_type) in changes {
        let name = world.quoted(column);
        let line = create
            .lines()
            .find(|line| line.trim_start().starts_with(&name))
            .unwrap();
        create = create.replace(line, &format!("  {name} {sql_type},"));
    }
    world.run(create).await;
    differences(world, Customer::MODEL).await
}

pub(crate) async fn columns_that_cannot_hold_a_kind_are_refused(world: &World) {
    world.store.prepare().await.unwrap();
    let feature = world.kind().dialect().feature;
    let refused: &[(&str, &str, DifferenceKind)] = match feature {
        "postgres" => &[
            ("id", "varchar(20)", InexactKey),
            ("id", "citext_like", InexactKey),
            ("balance", "numeric(11,2)", WrongType),
            ("balance", "double precision", WrongType),
            ("created", "timestamp", WrongType),
            ("created", "date", WrongType),
            ("email", "name", WrongType),
        ],
        "mysql" => &[
            (
                "id",
                "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                InexactKey,
            ),
            ("id", "VARCHAR(255) COLLATE utf8mb4_general_ci", InexactKey),
            ("balance", "DECIMAL(11,2)", WrongType),
            ("balance", "DOUBLE", WrongType),
            ("created", "DATE", WrongType),
            ("email", "ENUM('a')", WrongType),
        ],
        _ => &[
            ("id", "TEXT COLLATE NOCASE", InexactKey),
            ("balance", "REAL", WrongType),
            ("created", "REAL", WrongType),
            ("email", "NUMERIC", WrongType),
        ],
    };
    if feature == "postgres" {
        let collation = "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)";
        world.run(collation).await;
        world
            .run("CREATE DOMAIN citext_like AS text COLLATE blind")
            .await;
    }
    for (column, sql_type, kind) in refused {
        let found = with_columns(world, &[(column, sql_type)]).await;
        let expected = (*kind, (*column).to_owned());
        assert!(found.contains(&expected), "{column} {sql_type}: {found:?}");
    }
    if feature == "sqlite" {
        // Spaces at the end of an id do not count there: such an id is refused by name, and the table is not.
        assert_eq!(
            with_columns(world, &[("id", "TEXT COLLATE RTRIM")]).await,
            []
        );
        let written = world
            .list::<Customer>(&[customer("cus_1", ""), customer("cus_1 ", "")])
            .await;
        assert_eq!(written[0], Done(Inserted));
        let named = matches!(&written[1], crate::store::rows::outcome::Written::Failed { column, .. } if column.as_deref() == Some("id"));
        assert!(named, "{written:?}");
    }
}

pub(crate) async fn a_currency_needs_three_letters(world: &World) {
    world.store.prepare().await.unwrap();
    let place = world.store.place(Priced::MODEL);
    let create =
        crate::store::tables::create::create_table(Priced::MODEL, &place.table, world.kind())
            .join(";");
    let line = create
        .lines()
        .find(|line| line.contains("currency"))
        .unwrap()
        .to_owned();
    for (length, fits) in [(2, false), (3, true)] {
        world.run("DROP TABLE IF EXISTS prices").await;
        let narrow = format!("  {} VARCHAR({length}) NOT NULL,", world.quoted("currency"));
        world.run(create.replace(&line, &narrow)).await;
        // A length means nothing on SQLite.
        let expected = match fits || world.kind().dialect().locks_by_asking {
            true => Vec::new(),
            false => vec![(WrongType, "currency".to_owned())],
        };
        assert_eq!(differences(world, Priced::MODEL).await, expected);
    }
}

/// What a mend makes of values that are there.
pub(crate) async fn a_mended_column_holds_what_it_held(world: &World) {
    world.store.prepare().await.unwrap();
    let feature = world.kind().dialect().feature;
    // In a session of another zone, with the column as it was, what it holds, and what it must be read as.
    let cases: &[(&str, &str, &str, &str, i64)] = match feature {
        "postgres" => &[
            (
                "created",
                "timestamp",
                "'2023-11-14 22:13:20'",
                "extract(epoch FROM created)::bigint",
                1_700_000_000,
            ),
            (
                "created",
                "date",
                "'2023-11-14'",
                "extract(epoch FROM created)::bigint",
                1_699_920_000,
            ),
            (
                "created",
                "integer",
                "1700000000",
                "extract(epoch FROM created)::bigint",
                1_700_000_000,
            ),
            ("balance", "numeric(11,2)", "19.99", "balance", 1999),
            (
                "balance",
                "timestamp",
                "'2023-11-14 22:13:20'",
                "balance",
                1_700_000_000,
            ),
        ],
        "mysql" => &[("balance", "DECIMAL(11,2)", "19.99", "balance", 1999)],
        _ => &[],
    };
    let odd = World::of(world.with_odd_session().await);
    for (column, sql_type, value, read, expected) in cases {
        let found = with_columns(world, &[(column, sql_type)]).await;
        assert_eq!(found, [(WrongType, (*column).to_owned())], "{sql_type}");
        let other = if *column == "created" {
            ("balance", "0")
        } else {
            ("created", "now()")
        };
        world
            .run(format!(
                "INSERT INTO customers (id, {column}, {}) VALUES ('cus_1', {value}, {})",
                other.0, other.1
            ))
            .await;
        let all = world.store.check_table(Customer::MODEL).await.unwrap();
        odd.run(all[0].fix()).await;
        assert_eq!(differences(world, Customer::MODEL).await, [], "{sql_type}");
        let now = world.number(format!("SELECT {read} FROM customers")).await;
        assert_eq!(now, *expected, "{sql_type}: {}", all[0].fix());
    }
}

/// Before moments were texts on SQLite, a column of integers held them as microseconds.
pub(crate) async fn numbers_of_an_earlier_version_become_texts(world: &World) {
    if !world.kind().dialect().locks_by_asking {
        return;
    }
    world.store.prepare().await.unwrap();
    let integers = [
        ("created", "INTEGER NOT NULL"),
        ("stripe_deleted_at", "INTEGER"),
    ];
    // Without numbers in it such a column keeps texts.
    assert_eq!(with_columns(world, &integers).await, []);
    for (id, created, deleted_at) in [
        ("cus_1", "1700000000000000", "NULL"),
        ("cus_2", "1700000000123456", "1700000001500000"),
        ("cus_3", "-62135596800000000", "NULL"),
        // Seconds, as another program may have written them.
        ("cus_4", "1700000000", "NULL"),
    ] {
        world
            .run(format!(
                "INSERT INTO customers (id, balance, created, stripe_deleted_at) \
                 VALUES ('{id}', 0, {created}, {deleted_at})"
            ))
            .await;
    }
    let expected = ["created", "stripe_deleted_at"].map(|name| (WrongType, name.to_owned()));
    assert_eq!(differences(world, Customer::MODEL).await, expected);
    for difference in world.store.check_table(Customer::MODEL).await.unwrap() {
        assert!(difference.fix().starts_with("UPDATE"), "{difference}");
        world.run(difference.fix()).await;
    }
    assert_eq!(differences(world, Customer::MODEL).await, []);
    let sql =
        "SELECT created || ' ' || COALESCE(stripe_deleted_at, '-') FROM customers ORDER BY id";
    let rows = world.rows(sql, &[CellType::Text]).await;
    let rows: Vec<_> = rows.into_iter().flatten().collect();
    let texts = [
        "2023-11-14T22:13:20+00:00 -",
        "2023-11-14T22:13:20.123456+00:00 2023-11-14T22:13:21.500+00:00",
        "0001-01-01T00:00:00+00:00 -",
        "2023-11-14T22:13:20+00:00 -",
    ];
    assert_eq!(rows, texts.map(crate::cell::Cell::text));
}
