//! Stripe's own Python and Node packages call the fake, and async-stripe's types read its objects.

mod call;
mod environments;
mod judge;
mod packages;
mod plan;
mod special;
mod typed;
mod world;

use std::fmt::Write as _;
use std::{env, fs};

use serde_json::json;
use stripe_sync::testing::FakeStripe;

use crate::call::Call;
use crate::environments::Language;
use crate::judge::Row;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sdk-calls.md");

const HEAD: &str = "# What Stripe's own packages get from the fake

Stripe's Python package (`stripe` 16.1.0) and Node package (`stripe` 23.1.0), both of API version 2026-10-28.endive, make these calls
against [`fake-stripe`](../fake-stripe). `tests/sdks` makes them in each run of the tests, compares objects member by member and lists
with what the fake holds, and writes this table with `SNAPSHOTS=overwrite`.

A refusal is the package's exception with status, code and parameter. *not simulated* is the refusal with the code
`not_simulated`, whose message says what to do instead. Python's package keeps no code in a PermissionError.
";

#[tokio::test(flavor = "multi_thread")]
async fn stripes_packages_get_what_stripe_gives() {
    let mut columns: Vec<Vec<Row>> = Vec::new();
    let mut distinct = 0;
    for language in Language::ALL {
        let fake = world::open().await;
        // What is made to be changed is there when the lists are walked.
        let deletions = plan::deletions(&fake);
        let (mut calls, last) = special::calls(&fake);
        calls.extend(plan::calls(&fake));
        calls.extend(deletions.into_iter().chain(last));
        columns.push(made(language, &fake, &calls).await);
        distinct = columns[0].len();
    }
    let wrong: Vec<String> = Language::ALL
        .iter()
        .zip(&columns)
        .flat_map(|(language, rows)| {
            let wrong = rows
                .iter()
                .filter_map(|row| Some((row, row.wrong.as_ref()?)));
            wrong.map(move |(row, wrong)| format!("{language:?}: {}: {wrong}", row.name))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} calls:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(distinct >= 150, "only {distinct} calls");
    let table = table(&columns);
    if env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(TABLE, table).expect("the table is written");
        return;
    }
    let kept = fs::read_to_string(TABLE).unwrap_or_default();
    assert!(
        kept == table,
        "docs/sdk-calls.md is stale: SNAPSHOTS=overwrite writes it again"
    );
}

async fn made(language: Language, fake: &FakeStripe, calls: &[Call]) -> Vec<Row> {
    let list: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(number, call)| call.json(number))
        .collect();
    let plan = json!({ "base": fake.base_url(), "key": fake.secret_key(), "calls": list });
    let count = calls.len();
    let outcomes = tokio::task::spawn_blocking(move || language.outcomes(&plan, count)).await;
    judge::rows(calls, &outcomes.expect("a thread"))
}

fn table(columns: &[Vec<Row>]) -> String {
    let mut text = format!(
        "{HEAD}\n{} calls.\n\n| call | Python | Node |\n|---|---|---|\n",
        columns[0].len()
    );
    for (python, node) in columns[0].iter().zip(&columns[1]) {
        assert_eq!(python.name, node.name);
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            python.name, python.said, node.said
        );
    }
    text
}
