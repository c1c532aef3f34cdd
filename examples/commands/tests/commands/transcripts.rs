//! The commands that README and docs print, run as they are printed. What they answer there is written by this test:
//! `SNAPSHOTS=overwrite`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use stripe_sync::DatabaseKind;
use stripe_sync::testing::Mode;

use crate::snapshot::shown;
use crate::stage::{self, Stage};

/// Texts with commands, from the repository's root.
const TEXTS: [&str; 4] = [
    "README.md",
    "docs/commands.md",
    "docs/from-dj-stripe.md",
    "docs/from-sync-engine.md",
];
/// Begins a transcript.
const BEGIN: &str = "```console";
const END: &str = "```";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_printed_is_what_happens() {
    let mut commands = 0;
    for text in TEXTS {
        let file = root().join(text);
        let printed = std::fs::read_to_string(&file).unwrap();
        stage::on(DatabaseKind::Sqlite, async |stage| {
            prepare(&stage);
            let (found, count) = run(&stage, &printed).await;
            commands += count;
            if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
                std::fs::write(&file, &found).unwrap();
            } else {
                assert_eq!(found, printed, "{text}: SNAPSHOTS=overwrite writes it anew");
            }
            stage
        })
        .await;
    }
    assert!(commands > 20, "{commands} commands");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the transcripts speak of: a customer who changed, and an endpoint that nobody is behind.
fn prepare(stage: &Stage) {
    std::os::unix::fs::symlink(
        env!("CARGO_BIN_EXE_commands"),
        stage.directory.join("commands"),
    )
    .unwrap();
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    let ada = serde_json::json!({ "id": "cus_Ada", "email": "ada@example.com" });
    account.create("customer", ada).unwrap();
    account
        .create(
            "coupon",
            serde_json::json!({ "id": "SUMMER", "percent_off": 10.0 }),
        )
        .unwrap();
    // What happened until now is of another second than what is to happen.
    stage.fake.advance(Duration::from_secs(2));
}

/// Runs every command of a text; answers the text with what they say now, and how many there are.
async fn run(stage: &Stage, text: &str) -> (String, usize) {
    let (mut out, mut commands) = (String::new(), 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        out += line;
        out.push('\n');
        if line != BEGIN {
            continue;
        }
        for line in lines.by_ref() {
            if let Some(command) = line.strip_prefix("$ ") {
                commands += 1;
                out += line;
                out.push('\n');
                let said = match command.starts_with("commands listen")
                    && !command.contains("--print-secret")
                {
                    true => listen(stage, command).await,
                    false => call(stage, command).await,
                };
                out += &shown(stage, &said);
            } else if line == END {
                out += line;
                out.push('\n');
                break;
            }
        }
    }
    (out, commands)
}

fn shell(stage: &Stage, command: &str) -> tokio::process::Command {
    let mut shell = tokio::process::Command::new("sh");
    let path = std::env::var("PATH").unwrap();
    shell
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(&stage.directory)
        .env_clear()
        .env("PATH", format!("{}:{path}", stage.directory.display()))
        .env("STRIPE_SECRET_KEY", stage.fake.secret_key())
        .env("STRIPE_API_BASE", stage.fake.base_url())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    shell
}

async fn call(stage: &Stage, command: &str) -> String {
    let output = shell(stage, command).output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains(stage.fake.secret_key()), "{command}: {said}");
    assert!(!said.contains("Usage:"), "{command} is no command: {said}");
    said
}

/// Lets something happen, and interrupts the command when it has said so.
async fn listen(stage: &Stage, command: &str) -> String {
    let child = shell(stage, &format!("exec {command}")).spawn().unwrap();
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    let noted = async || {
        let is_there = stage
            .database
            .texts("SELECT name FROM sqlite_master WHERE name = 'stripe_sync_forwarded'")
            .await;
        match is_there.is_empty() {
            true => 0,
            false => stage
                .database
                .texts("SELECT id FROM stripe_sync_forwarded")
                .await
                .len(),
        }
    };
    // The place from which on it follows is the first.
    while noted().await < 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    account
        .update("cus_Ada", serde_json::json!({ "name": "Ada" }))
        .unwrap();
    while noted().await < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    crate::stopping::signal(&child, "INT");
    String::from_utf8(child.wait_with_output().await.unwrap().stdout).unwrap()
}
