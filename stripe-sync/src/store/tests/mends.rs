//! What `check_table` prints runs, and where no statement would, it is words.

use crate::model::StripeSync as _;
use crate::store::tests::check::with_columns;
use crate::store::tests::models::{Customer, customer};
use crate::store::tests::world::World;

/// Runs what the check prints until nothing more can be run. Returns the words that are left.
async fn mend(world: &World) -> Vec<String> {
    for _ in 0..5 {
        let all = world.store.check_table(Customer::MODEL).await.unwrap();
        let (words, statements): (Vec<_>, Vec<_>) = all
            .iter()
            .map(|one| one.fix().to_owned())
            .partition(|fix| fix.starts_with("--"));
        if statements.is_empty() {
            return words;
        }
        for statement in statements {
            world.run(statement).await;
        }
    }
    panic!(
        "mended five times: {:?}",
        world.store.check_table(Customer::MODEL).await
    );
}

/// Columns that do not fit, each with a value of the row that is there.
fn cases(feature: &str) -> &'static [(&'static str, &'static str, &'static str)] {
    match feature {
        "postgres" => &[
            ("created", "boolean", "true"),
            ("created", "jsonb", "'{}'"),
            (
                "created",
                "uuid DEFAULT gen_random_uuid()",
                "gen_random_uuid()",
            ),
            ("created", "bigint DEFAULT 5", "1700000000"),
            ("created", "timestamp DEFAULT now()", "now()"),
            ("created", "interval", "'1 day'"),
            ("balance", "boolean NOT NULL", "true"),
            ("balance", "text DEFAULT '7'", "'7'"),
            ("balance", "jsonb", "'7'"),
            ("balance", "integer[]", "'{1}'"),
            ("balance", "double precision DEFAULT 1.5", "1.5"),
            ("email", "boolean DEFAULT true", "true"),
            ("email", "integer[] NOT NULL DEFAULT '{}'", "'{1}'"),
            ("email", "text NOT NULL DEFAULT 'x'", "'x'"),
            ("email", "text GENERATED ALWAYS AS ('x') STORED", ""),
            ("balance", "bigint GENERATED ALWAYS AS IDENTITY", ""),
            ("notes", "text NOT NULL", "'x'"),
            ("stripe_observed_at", "bigint", "NULL"),
            ("stripe_observed_at", "text DEFAULT '0'", "NULL"),
            ("stripe_hash", "bigint NOT NULL", "1"),
        ],
        "mysql" => &[
            ("created", "BIGINT", "1700000000"),
            ("created", "DOUBLE", "1.5"),
            ("created", "BLOB", "'x'"),
            ("balance", "DATETIME(6)", "'2023-11-14 22:13:20'"),
            ("balance", "VARCHAR(20) DEFAULT 'x'", "'7'"),
            ("balance", "DECIMAL(11,2)", "19.99"),
            ("email", "ENUM('a')", "'a'"),
            ("email", "VARCHAR(20) NOT NULL", "'x'"),
            ("email", "VARCHAR(20) AS ('x') STORED", ""),
            ("email", "VARCHAR(20) AS ('x') VIRTUAL", ""),
            ("notes", "LONGTEXT NOT NULL", "'x'"),
            ("stripe_observed_at", "BIGINT NULL", "NULL"),
            ("stripe_hash", "BIGINT NOT NULL", "1"),
        ],
        _ => &[
            ("balance", "REAL", "1.5"),
            ("created", "REAL", "1.5"),
            ("created", "REAL NOT NULL DEFAULT 1", "1.5"),
            ("email", "NUMERIC", "1"),
            ("email", "TEXT NOT NULL DEFAULT 'x'", "'x'"),
            ("email", "TEXT AS ('x')", ""),
            ("notes", "TEXT NOT NULL", "'x'"),
            ("stripe_observed_at", "INTEGER", "NULL"),
            ("stripe_hash", "INTEGER NOT NULL", "1"),
        ],
    }
}

pub(crate) async fn each_mend_runs_on_a_table_with_rows(world: &World) {
    world.store.prepare().await.unwrap();
    let feature = world.kind().dialect().feature;
    for (column, sql_type, value) in cases(feature) {
        assert_ne!(
            with_columns(world, &[(column, sql_type)]).await,
            [],
            "{sql_type}"
        );
        let moment = match feature {
            "sqlite" => "'2023-11-14T22:13:20+00:00'",
            _ => "'2023-11-14 22:13:20'",
        };
        let own = Some((*column, *value)).filter(|_| !value.is_empty());
        let other = [("balance", "0"), ("created", moment)];
        let other = other.into_iter().filter(|(name, _)| name != column);
        let (names, values): (Vec<_>, Vec<_>) = other.chain(own).unzip();
        world
            .run(format!(
                "INSERT INTO customers (id, {}) VALUES ('cus_1', {})",
                names.join(", "),
                values.join(", ")
            ))
            .await;
        assert_eq!(mend(world).await, [""; 0], "{column} {sql_type}");
        // And the table takes what Stripe has.
        let scope = World::scope();
        let owned = world.store.check_owner(Customer::MODEL, &scope, false);
        owned.await.unwrap();
        let objects = [customer("cus_1", r#""email":"a","balance":7"#)];
        world.list::<Customer>(&objects).await;
        let written = "SELECT COUNT(*) FROM customers WHERE email = 'a' AND balance = 7 AND created IS NOT NULL";
        assert_eq!(world.number(written).await, 1, "{column} {sql_type}");
    }
}

/// Statements before the check, and how the words begin that are all that is left.
fn obstacles(feature: &str) -> &'static [(&'static [&'static str], &'static str)] {
    match feature {
        "postgres" => &[
            (
                &["CREATE VIEW customers AS SELECT id, email FROM base"],
                "it is a view",
            ),
            (
                &["CREATE MATERIALIZED VIEW customers AS SELECT id, email FROM base"],
                "it is a materialized view",
            ),
            (
                &[
                    "CREATE TABLE parted (id text PRIMARY KEY, email boolean) PARTITION BY HASH (id)",
                    "CREATE TABLE customers PARTITION OF parted FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
                ],
                "it is a partition",
            ),
            (
                &[
                    "ALTER TABLE base RENAME TO customers",
                    "ALTER TABLE customers ALTER email TYPE boolean USING true",
                    "CREATE VIEW shown AS SELECT email FROM customers",
                ],
                "a view, rule, policy, trigger or generated column uses the column",
            ),
            (
                &[
                    "CREATE TABLE customers (LIKE base INCLUDING DEFAULTS) PARTITION BY HASH (email)",
                ],
                "the table is partitioned by the column email",
            ),
            (
                &[
                    "CREATE TABLE customers (LIKE base INCLUDING DEFAULTS) PARTITION BY HASH (lower(email))",
                ],
                "the table is partitioned by an expression",
            ),
            (
                &[
                    "CREATE TABLE customers (LIKE base INCLUDING DEFAULTS, PRIMARY KEY (email), UNIQUE (id))",
                ],
                "the column is in the primary key",
            ),
            (&["CREATE TYPE customers AS (id text)"], "it is no table"),
        ],
        "mysql" => &[
            (
                &["CREATE VIEW customers AS SELECT id, email FROM base"],
                "it is a view",
            ),
            (
                &[
                    "ALTER TABLE base RENAME TO customers",
                    "ALTER TABLE customers MODIFY email VARCHAR(20) AS ('x') STORED",
                    "ALTER TABLE customers MODIFY balance DECIMAL(11, 2) NOT NULL, ADD UNIQUE (balance)",
                    "CREATE TABLE other (balance DECIMAL(11, 2), FOREIGN KEY (balance) REFERENCES customers (balance))",
                ],
                "a foreign key uses the column",
            ),
            (&["CREATE SEQUENCE customers"], "it is no table"),
        ],
        _ => &[
            (
                &["CREATE VIEW customers AS SELECT id, email FROM base"],
                "it is a view",
            ),
            (
                &["CREATE VIRTUAL TABLE customers USING fts5 (id)"],
                "it is a virtual table",
            ),
            (
                &[
                    "ALTER TABLE base RENAME TO customers",
                    "ALTER TABLE customers DROP COLUMN email",
                    "ALTER TABLE customers ADD COLUMN email REAL",
                    "CREATE INDEX by_email ON customers (email)",
                ],
                "SQLite changes no column, and drops none that an index uses",
            ),
            (
                &[
                    "ALTER TABLE base RENAME TO customers",
                    "ALTER TABLE customers DROP COLUMN email",
                    "ALTER TABLE customers ADD COLUMN email REAL",
                    "CREATE VIEW shown AS SELECT email FROM customers",
                ],
                "SQLite changes no column, and drops none that an index, trigger, view",
            ),
        ],
    }
}

pub(crate) async fn where_no_statement_runs_there_are_words(world: &World) {
    world.store.prepare().await.unwrap();
    let feature = world.kind().dialect().feature;
    let kinds = match feature {
        "postgres" => ["MATERIALIZED VIEW", "VIEW", "TABLE", "TYPE"].as_slice(),
        "mysql" => &["VIEW", "SEQUENCE", "TABLE"],
        _ => &["VIEW", "TABLE"],
    };
    for (statements, words) in obstacles(feature) {
        let create = crate::sync::create_table::<Customer>(world.kind()).remove(0);
        world.run(create.replace("customers", "base")).await;
        // On one connection: another one of SQLite's may still know a column that was dropped.
        world.run(statements.join("; ")).await;
        let left = mend(world).await;
        let said = left
            .iter()
            .all(|left| left.starts_with(&format!("-- {words}")));
        assert!(said && !left.is_empty(), "{statements:?}: {left:?}");
        // Nothing else is said to be a statement.
        let shown = world.store.check_table(Customer::MODEL).await.unwrap();
        assert!(
            shown
                .iter()
                .all(|one| !one.to_string().contains("mend it with")),
            "{shown:?}"
        );
        for name in ["shown", "other", "customers", "parted", "base"] {
            for kind in kinds {
                drop_if_it_is(world, kind, name).await;
            }
        }
    }
}

/// Drops what has a name, if it is of a kind.
async fn drop_if_it_is(world: &World, kind: &str, name: &str) {
    let mut transaction = world.begin().await;
    let drop = format!("DROP {kind} IF EXISTS {name}");
    match transaction.conn().run(drop).await {
        Ok(()) => transaction.commit().await.unwrap(),
        Err(_) => transaction.rollback().await.unwrap(),
    }
}
