//! `webhook`.

use stripe_sync::testing::Mode;

use crate::on_each_database;
use crate::snapshot;
use crate::stage::{Stage, records};

on_each_database! { endpoints_have_what_the_models_need }

const URL: &str = "https://example.com/stripe/webhook";

async fn endpoints_have_what_the_models_need(stage: Stage) -> Stage {
    let none = stage.succeed(&["webhook", "list"]).await;
    assert!(none.contains("webhook create URL"), "{none}");
    let created = stage.succeed(&["webhook", "create", URL]).await;
    assert!(
        created.contains("STRIPE_WEBHOOK_SECRET=whsec_"),
        "{created}"
    );
    let again = stage.succeed(&["webhook", "create", URL]).await;
    assert!(
        !again.contains("whsec_") && again.contains("webhook rotate"),
        "{again}"
    );
    let listed = stage
        .succeed(&["webhook", "list", "--format", "json"])
        .await;
    let listed = records(&listed);
    assert_eq!(listed.len(), 2);
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed[0]["missing"].as_array().unwrap().len(), 0);
    let types = listed[0]["event_types"].as_array().unwrap();
    assert!(
        types.iter().any(|kind| kind == "customer.updated") && types.iter().all(|kind| kind != "*")
    );
    snapshot::assert(
        &stage,
        "webhook_list",
        &stage
            .succeed(&["webhook", "list"])
            .await
            .replace(&id, "we_1"),
    );

    let file = stage.directory.join("secret");
    std::fs::write(&file, "old").unwrap();
    let rotated = stage
        .call(&["webhook", "rotate", &id, "--write-secret-to", "secret"])
        .await;
    assert_eq!(rotated.code, 0, "{rotated:?}");
    assert!(
        !rotated.out.contains("whsec_") && rotated.out.contains(&format!("webhook delete {id}")),
        "{rotated:?}"
    );
    let secret = std::fs::read_to_string(&file).unwrap();
    assert!(secret.starts_with("whsec_") && secret.ends_with('\n'));
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert_eq!(
        records(
            &stage
                .succeed(&["webhook", "list", "--format", "json"])
                .await
        )
        .len(),
        3
    );
    stage.succeed(&["webhook", "delete", &id]).await;
    let gone = stage.call(&["webhook", "delete", &id]).await;
    assert_eq!(gone.code, 1, "{gone:?}");
    assert!(gone.err.contains("webhook list"), "{gone:?}");

    // A live key changes nothing by a slip.
    let live = stage.fake.add_account("acct_live", Mode::Live);
    for command in [
        &["webhook", "create", URL][..],
        &["webhook", "delete", "we_1"],
        &["webhook", "rotate", "we_1"],
    ] {
        let refused = stage
            .program()
            .args(command)
            .env("STRIPE_SECRET_KEY", &live)
            .output()
            .await
            .unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(
            String::from_utf8(refused.stderr)
                .unwrap()
                .contains("--live")
        );
    }
    let created = stage
        .program()
        .args(["webhook", "create", URL, "--live"])
        .env("STRIPE_SECRET_KEY", &live)
        .output()
        .await;
    assert!(created.unwrap().status.success());
    let unwritable = stage
        .call(&[
            "webhook",
            "create",
            "https://example.com/b",
            "--write-secret-to",
            "no/such/place",
        ])
        .await;
    assert_eq!(unwritable.code, 1, "{unwritable:?}");
    assert!(
        unwritable.err.contains("nothing was changed"),
        "{unwritable:?}"
    );
    stage
}
