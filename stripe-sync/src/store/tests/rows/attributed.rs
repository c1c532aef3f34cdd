//! Which column a refused row names, and that no refusal holds a value.

use crate::StripeSync;
use crate::model::hooks::Outcome::Inserted;
use crate::store::rows::Written;
use crate::store::rows::outcome::Written::Done;
use crate::store::tests::models::{Customer, customer};
use crate::store::tests::rows::refusals::table;
use crate::store::tests::world::World;

/// Is in each value that is refused, and in no word of a database's.
const SECRET: &str = "zebra4711";

/// Writes an object that fits and one that does not, and compares the column that the refusal names.
async fn refused<M: StripeSync>(world: &World, members: &str, column: Option<&str>) {
    let objects = [customer("cus_1", ""), customer("cus_2", members)];
    let written = world.list::<M>(&objects).await;
    assert!(matches!(written[0], Done(Inserted)), "{written:?}");
    let Written::Failed {
        column: found,
        reason,
        ..
    } = &written[1]
    else {
        panic!("{members}: expected a refusal, got {written:?}");
    };
    assert_eq!(found.as_deref(), column, "{members}: {reason}");
    assert!(!reason.contains(SECRET), "{reason}");
    assert!(!reason.contains("-4711"), "{reason}");
    world.run("DELETE FROM customers").await;
}

pub(crate) async fn a_constraint_of_any_name_is_that_of_its_column(world: &World) {
    let country = world.kind().dialect().key_text;
    let email = "VARCHAR(255)";
    let constraints = "\n  CONSTRAINT rule_1 CHECK (balance >= 0),\n  CONSTRAINT rule_2 CHECK (balance < 1000 OR notes IS \
                       NULL OR email <> 'none'),\n  CONSTRAINT rule_3 CHECK (tenant <> 'zebra4711'),";
    table(world, email, "", constraints).await;
    world
        .run("CREATE UNIQUE INDEX rule_4 ON customers (email)")
        .await;
    let negative = format!(r#""email":"{SECRET}","balance":-4711"#);
    refused::<Customer>(world, &negative, Some("balance")).await;
    let tenant = format!(r#""email":"other","metadata":{{"tenant":"{SECRET}"}}"#);
    refused::<Customer>(world, &tenant, Some("tenant")).await;
    world
        .run(format!(
            "INSERT INTO customers (id, email, balance, created) VALUES ('cus_0', '{SECRET}', 0, {})",
            match world.kind().dialect().feature {
                "sqlite" => "'2023-11-14T22:13:20+00:00'",
                _ => "'2023-11-14 22:13:20'",
            }
        ))
        .await;
    let twice = format!(r#""email":"{SECRET}""#);
    refused::<Customer>(world, &twice, Some("email")).await;
    // Several columns, of which none is to blame alone.
    world.run("DROP TABLE customers").await;
    let constraints = format!(
        "\n  code {country},\n  CONSTRAINT rule_5 CHECK (balance >= 0 OR country IS NULL),\n  FOREIGN KEY (country) \
         REFERENCES codes (code),"
    );
    world
        .run(format!("CREATE TABLE codes (code {country} PRIMARY KEY)"))
        .await;
    let both = r#""balance":-4711,"address":{"country":"FR"}"#;
    let mut create = crate::sync::create_table::<Customer>(world.kind()).remove(0);
    let name = world.kind().sql().quote("country");
    let text = world
        .kind()
        .driver()
        .column_type(crate::cell::CellType::Text);
    create = create.replace(&format!("{name} {text}"), &format!("{name} {country}"));
    create = create.replace("\n  PRIMARY KEY", &format!("{constraints}\n  PRIMARY KEY"));
    world.run(create).await;
    refused::<Customer>(world, both, None).await;
    let unknown = format!(r#""address":{{"country":"{SECRET}"}}"#);
    refused::<Customer>(world, &unknown, Some("country")).await;
}

pub(crate) async fn a_trigger_s_message_keeps_no_value(world: &World) {
    table(world, "VARCHAR(255)", "", "").await;
    match world.kind().dialect().feature {
        "postgres" => {
            world
                .run(
                    "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     IF NEW.email IS NOT NULL THEN RAISE EXCEPTION 'no % here', NEW.email; END IF; RETURN NEW; END $$",
                )
                .await;
            let trigger = "CREATE TRIGGER guard BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION guard()";
            world.run(trigger).await;
        }
        "mysql" => {
            world
                .run(
                    "CREATE TRIGGER guard BEFORE INSERT ON customers FOR EACH ROW BEGIN \
                     IF NEW.email IS NOT NULL THEN SET @said = CONCAT('no ', NEW.email, ' here'); \
                     SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @said; END IF; END",
                )
                .await;
        }
        _ => {
            world
                .run(
                    "CREATE TRIGGER guard BEFORE INSERT ON customers WHEN NEW.email IS NOT NULL BEGIN \
                     SELECT RAISE(ABORT, 'no zebra4711 here'); END",
                )
                .await;
        }
    }
    refused::<Customer>(world, &format!(r#""email":"{SECRET}""#), None).await;
}

/// Values that a column of the user's own type refuses.
macro_rules! typed {
    ($model:ident $database:ident: $($column:ident $sql_type:literal)*) => {
        #[derive(Debug, StripeSync)]
        #[stripe(object = "customer", table = "customers", database = $database, crate = crate)]
        #[allow(dead_code, reason = "only its columns matter")]
        pub(crate) struct $model {
            id: String,
            $(#[stripe(unchecked, sql_type = $sql_type)] $column: Option<String>,)*
            #[stripe(sql_type = "integer")]
            #[stripe(default)]
            balance: i64,
        }
    };
}

#[cfg(feature = "postgres")]
typed! {
    OnPostgres postgres:
    mood "mood" tenant "uuid" address_of "inet" amount "numeric(5, 2)" day "date" moment "timestamptz" number "bigint"
    truth "boolean" document "jsonb" small "short_text" bits "bit(3)" span "interval" list "integer[]"
}
#[cfg(feature = "mysql")]
typed! { OnMySql mysql: day "DATE" amount "DECIMAL(5, 2)" number "BIGINT" document "JSON" short "VARCHAR(3)" }
#[cfg(feature = "sqlite")]
typed! { OnSqlite sqlite: number "INTEGER" real "REAL" bytes "BLOB" }

pub(crate) async fn a_value_that_no_cast_takes_names_its_column(world: &World) {
    world.store.prepare().await.unwrap();
    match world.kind().dialect().feature {
        #[cfg(feature = "postgres")]
        "postgres" => {
            world.run("CREATE TYPE mood AS ENUM ('ok')").await;
            world
                .run("CREATE DOMAIN short_text AS text CHECK (length(VALUE) < 3)")
                .await;
            columns::<OnPostgres>(world).await;
        }
        #[cfg(feature = "mysql")]
        "mysql" => columns::<OnMySql>(world).await,
        #[cfg(feature = "sqlite")]
        _ => columns::<OnSqlite>(world).await,
        #[allow(unreachable_patterns, reason = "each database may be off")]
        other => panic!("{other}"),
    }
}

async fn columns<M: StripeSync>(world: &World) {
    let mut create = crate::sync::create_table::<M>(world.kind()).remove(0);
    if world.kind().dialect().feature == "sqlite" {
        // Only such a table refuses anything.
        create = format!("{create} STRICT").replace("DATETIME", "TEXT");
    }
    world.run(create).await;
    let scope = World::scope();
    let owned = world.store.check_owner(M::MODEL, &scope, false);
    owned.await.unwrap();
    for column in M::MODEL
        .written()
        .filter(|column| column.sql_type.is_some())
    {
        let members = match column.name {
            "balance" if world.kind().dialect().feature == "sqlite" => continue,
            // A number that is no integer of this width.
            "balance" => r#""balance":-47110000000"#.to_owned(),
            name => format!(r#""{name}":"{SECRET}""#),
        };
        refused::<M>(world, &members, Some(column.name)).await;
    }
}
