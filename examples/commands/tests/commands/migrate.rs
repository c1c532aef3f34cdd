//! `migrate`.

use crate::on_each_database;
use crate::snapshot;
use crate::stage::Stage;

on_each_database! { what_is_missing_is_printed_and_run }

async fn what_is_missing_is_printed_and_run(stage: Stage) -> Stage {
    let pending = stage.call(&["migrate", "check"]).await;
    assert_eq!(pending.code, 4, "{pending:?}");
    let printed = stage.succeed(&["migrate", "print"]).await;
    snapshot::assert(
        &stage,
        &format!("migrate_print_{:?}", stage.database.kind),
        &printed,
    );
    let refused = stage.call(&["sync", "--no-migrate"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("migrate run"), "{refused:?}");

    // What was printed is all that is needed.
    stage.database.run(&printed).await;
    let checked = stage.succeed(&["migrate", "check"]).await;
    assert_eq!(checked, "-- nothing is missing\n");
    stage.succeed(&["sync", "--no-migrate"]).await;
    stage.assert_equal().await;

    stage
        .database
        .run("ALTER TABLE customers DROP COLUMN name")
        .await;
    let lacks = stage.call(&["migrate", "check", "--format", "json"]).await;
    assert_eq!(lacks.code, 4, "{lacks:?}");
    assert!(lacks.out.contains("ADD COLUMN"), "{lacks:?}");
    stage.succeed(&["migrate", "run"]).await;
    assert_eq!(stage.call(&["migrate", "check"]).await.code, 0);
    // Nobody asks Stripe for that.
    let without_key = stage
        .program()
        .args(["migrate", "check"])
        .env_remove("STRIPE_SECRET_KEY")
        .output()
        .await;
    assert_eq!(without_key.unwrap().status.code(), Some(0));
    stage
}
