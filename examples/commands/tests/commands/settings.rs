//! `config print`, the file, colors, and what is wrong with the arguments.

use stripe_sync::DatabaseKind;

use crate::snapshot;
use crate::stage::{self, Stage, records};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_setting_says_where_it_comes_from() {
    stage::on(DatabaseKind::Sqlite, from_everywhere).await;
}

async fn from_everywhere(stage: Stage) -> Stage {
    std::fs::write(
        stage.directory.join("stripe-sync.toml"),
        "api_key_file = 'key'\nrate = 5.0\ndatabase = 'sqlite:other.db'\n",
    )
    .unwrap();
    std::fs::write(stage.directory.join("key"), stage.fake.secret_key()).unwrap();
    let below = stage.directory.join("below");
    std::fs::create_dir_all(&below).unwrap();
    let print = stage
        .program()
        .current_dir(&below)
        .env_remove("STRIPE_SECRET_KEY")
        .args(["config", "print", "--account", "acct_2", "--color", "never"])
        .output()
        .await
        .unwrap();
    let out = String::from_utf8(print.stdout).unwrap();
    assert!(!out.contains(stage.fake.secret_key()));
    snapshot::assert(&stage, "config_print", &out);
    let json = stage
        .succeed(&["config", "print", "--format", "json"])
        .await;
    assert_eq!(records(&json).len(), 7);

    // The key's file is used, and is found beside the settings.
    let synced = stage
        .program()
        .current_dir(&below)
        .env_remove("STRIPE_SECRET_KEY")
        .args(["sync", "coupons"])
        .output()
        .await
        .unwrap();
    assert!(synced.status.success(), "{synced:?}");

    let on_command_line = stage
        .program()
        .args(["sync", "coupons", "--api-key", stage.fake.secret_key()])
        .output()
        .await
        .unwrap();
    let err = String::from_utf8(on_command_line.stderr).unwrap();
    assert!(
        on_command_line.status.success() && err.contains("can see a key on the command line"),
        "{err}"
    );
    assert!(!err.contains(stage.fake.secret_key()));

    for (arguments, code, expected) in [
        (
            &["--config", "missing.toml", "status"][..],
            2,
            "missing.toml",
        ),
        (
            &["-d", "oracle:db", "status"],
            2,
            "expected a database such as",
        ),
        (
            &["-d", "postgres://ada:hunter2@127.0.0.1:1/app", "status"],
            1,
            "cannot be opened",
        ),
        (&["sync", "--rate", "0"], 2, "expected a number above 0"),
        (&["nonsense"], 2, "unrecognized subcommand"),
        (&["events", "replay"], 2, "required"),
        (
            &["events", "fetch", "--ids", "evt_1", "--failed"],
            2,
            "cannot be used with",
        ),
        (&["--api-base", "http://example.com", "status"], 2, "https"),
    ] {
        let called = stage.call(arguments).await;
        assert_eq!(called.code, code, "{arguments:?}: {called:?}");
        assert!(
            called.err.contains(expected) && !called.err.contains("hunter2"),
            "{arguments:?}: {called:?}"
        );
    }
    std::fs::write(
        stage.directory.join("stripe-sync.toml"),
        "databse = 'sqlite:a.db'\n",
    )
    .unwrap();
    let wrong = stage.call(&["status"]).await;
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(
        wrong.err.contains("databse") && wrong.err.contains("next:"),
        "{wrong:?}"
    );
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shells_and_manuals_are_served() {
    stage::on(DatabaseKind::Sqlite, served).await;
}

async fn served(stage: Stage) -> Stage {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stage.succeed(&["completions", shell]).await;
        assert!(
            script.contains("listen") && script.contains("forward-to"),
            "{shell}"
        );
    }
    let man = stage.succeed(&["man"]).await;
    assert!(man.contains(".TH commands"), "{man}");
    let help = stage.succeed(&["--help"]).await;
    snapshot::assert(&stage, "help", &help);
    stage
}
