//! The program on a terminal: bars, colors, and nothing of them in a pipe.

use std::process::Stdio;
use std::time::Duration;

use stripe_sync::DatabaseKind;
use stripe_sync::testing::{Faults, Mode};

use crate::stage::{self, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bars_are_for_a_terminal_alone() {
    stage::on(DatabaseKind::Sqlite, bars).await;
}

/// Calls the program on a terminal of its own, and returns what that showed.
async fn on_a_terminal(
    stage: &Stage,
    arguments: &str,
    environment: &[(&str, &str)],
) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_commands");
    let output = tokio::process::Command::new("script")
        .args(["-qefc", &format!("{program} {arguments}"), "/dev/null"])
        .current_dir(&stage.directory)
        .env("DATABASE_URL", &stage.database.url)
        .env("STRIPE_SECRET_KEY", stage.fake.secret_key())
        .env("STRIPE_API_BASE", stage.fake.base_url())
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("`script` of util-linux is needed");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!shown.contains(stage.fake.secret_key()), "{shown}");
    (output.status.code().unwrap(), shown)
}

async fn bars(stage: Stage) -> Stage {
    let account = stage.fake.account("acct_1FakeStripe", Mode::Test).unwrap();
    account.generate("customer", 1_500).unwrap();
    let slow = || Faults::new(1).latency(Duration::from_millis(700)..Duration::from_millis(800));
    stage.fake.faults(slow());
    let (code, shown) = on_a_terminal(&stage, "sync", &[]).await;
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("Customer") && shown.contains('%') && shown.contains("objects"),
        "{shown}"
    );
    assert!(
        shown.contains("requests") && shown.contains("/s of 20/s"),
        "{shown}"
    );

    stage.fake.faults(slow());
    let (_, quiet) = on_a_terminal(&stage, "sync --quiet --restart", &[]).await;
    assert!(
        !quiet.contains('%') && quiet.contains("customers"),
        "{quiet}"
    );
    let piped = stage.call(&["sync", "--restart"]).await;
    assert_eq!((piped.code, piped.err.as_str()), (0, ""), "{piped:?}");
    stage.fake.faults(None);

    let (code, red) = on_a_terminal(&stage, "sync nonsense", &[]).await;
    assert_eq!(code, 2);
    assert!(red.contains("\x1b[31"), "{red:?}");
    for (arguments, environment) in [
        ("sync nonsense --color never", &[][..]),
        ("sync nonsense", &[("NO_COLOR", "1")]),
    ] {
        let (_, plain) = on_a_terminal(&stage, arguments, environment).await;
        assert!(!plain.contains('\x1b'), "{plain:?}");
    }
    let colored = stage.call(&["sync", "nonsense", "--color", "always"]).await;
    assert!(colored.err.contains("\x1b[31"), "{colored:?}");
    stage
}
