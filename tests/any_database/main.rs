//! One crate of models without a database feature, in two programs with one database each. Both are built, with their own
//! features, and run; their tables are the same.

#[path = "../databases/database.rs"]
mod database;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use stripe_sync::DatabaseKind;
use stripe_sync::reexport::sqlx;
use stripe_sync::testing::FakeStripe;

use database::{Database, Pool};

/// The packages, and where each is below this file's folder.
const FILES: [(&str, &str); 7] = [
    ("workspace.toml", "Cargo.toml"),
    ("models/Cargo.toml", "models/Cargo.toml"),
    ("models/src/lib.rs", "models/src/lib.rs"),
    ("on_postgres/Cargo.toml", "on_postgres/Cargo.toml"),
    ("on_postgres/src/main.rs", "on_postgres/src/main.rs"),
    ("on_sqlite/Cargo.toml", "on_sqlite/Cargo.toml"),
    ("on_sqlite/src/main.rs", "on_sqlite/src/main.rs"),
];
/// What the programs write, in one form on each database.
const ROWS: [&str; 4] = [
    "SELECT id || ' ' || COALESCE(email, '') || ' ' || name FROM customers ORDER BY id",
    "SELECT id || ' ' || customer || ' ' || status FROM subscriptions ORDER BY id",
    "SELECT id || ' ' || subscription || ' ' || price || ' ' || COALESCE(quantity, 0) FROM subscription_items ORDER BY id",
    "SELECT subscription || ' ' || note || ' ' || items FROM audit ORDER BY subscription",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_share_a_crate_of_models_without_a_database() {
    let fake = FakeStripe::builder().seed(3).start().await.unwrap();
    fake.generate("customer", 7).unwrap();
    for number in 1..=5 {
        let items = json!([{"id": format!("si_{number}_a"), "quantity": number}, {"id": format!("si_{number}_b")}]);
        let subscription = json!({"id": format!("sub_{number}"), "items": items});
        fake.create("subscription", subscription).unwrap();
    }
    let workspace = workspace();
    let mut found = Vec::new();
    for (program, kind) in [
        ("on_sqlite", DatabaseKind::Sqlite),
        ("on_postgres", DatabaseKind::Postgres),
    ] {
        // One after the other: built together they would have each other's features.
        let program = build(&workspace, program);
        let database = Database::create(kind).await;
        let output = Command::new(program)
            .env("STRIPE_SECRET_KEY", fake.secret_key())
            .env("STRIPE_URL", fake.base_url())
            .env("DATABASE_URL", url(&database))
            .output()
            .unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{messages}");
        found.push(rows(&database).await);
        database.remove().await;
    }
    for (table, rows) in found[0].iter().enumerate() {
        assert!(rows.len() >= 5, "{}: {rows:?}", ROWS[table]);
    }
    assert!(
        found[0][3].contains(&"sub_2 why? 2".to_owned()),
        "{found:?}"
    );
    assert_eq!(found[0], found[1]);
}

/// Puts the packages into a workspace of their own, with the versions that are tested here. Paths in their manifests are the
/// same there.
fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"))
        .canonicalize()
        .unwrap();
    let root = tests.parent().unwrap();
    let folder = root.join("target/any_database");
    for (from, to) in FILES {
        let to = folder.join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        // One that is as it was keeps its time, and what was built of it.
        let text = std::fs::read(tests.join("any_database").join(from)).unwrap();
        if std::fs::read(&to).ok().as_ref() != Some(&text) {
            std::fs::write(to, text).unwrap();
        }
    }
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

/// Builds a program with its own features, and returns where it is.
fn build(workspace: &Path, program: &str) -> PathBuf {
    let target = workspace.join("target");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "-p", program, "--target-dir"])
        .arg(&target)
        .current_dir(workspace)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
    assert_eq!(messages, "", "a crate of models compiles without warnings");
    target.join("debug").join(program)
}

fn url(database: &Database) -> String {
    match &database.pool {
        Pool::Sqlite(pool) => {
            let options = pool.connect_options();
            format!("sqlite:{}", options.get_filename().display())
        }
        _ => format!("{}/{}", database::postgres(), database.name()),
    }
}

async fn rows(database: &Database) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for sql in ROWS {
        let rows: Vec<String> = match &database.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        }
        .unwrap();
        found.push(rows);
    }
    found
}
