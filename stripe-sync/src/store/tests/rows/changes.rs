use crate::StripeSync;
use crate::cell::{Cell, CellType};
use crate::model::context::Context;
use crate::model::hooks::Outcome::{Inserted, Skipped, Unchanged, Updated};
use crate::model::hooks::{Change, ChangedCells, Outcome, TypedSyncContext};
use crate::object::StripeObject;
use crate::store::rows::Written;
use crate::store::rows::delete::Removal;
use crate::store::rows::outcome::Written::Done;
use crate::store::tests::models::customer;
use crate::store::tests::world::{World, Write};

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "watched", after_commit = seen, crate = crate)]
struct Watched {
    id: String,
    email: Option<String>,
    #[stripe(path = address.country)]
    country: Option<String>,
    #[stripe(local)]
    notes: Option<String>,
    created: chrono::DateTime<chrono::Utc>,
}

fn seen(_: Change<Watched>, _: &Context) {}

fn texts<'a>(cells: &'a [Cell<'static>]) -> Vec<&'a str> {
    let text = |cell: &Cell<'static>| matches!(cell, Cell::Text(_));
    let texts = cells.iter().filter(|cell| text(cell));
    texts
        .map(|cell| match cell {
            Cell::Text(text) => text.as_ref(),
            _ => "",
        })
        .collect()
}

pub(crate) async fn changes_hold_the_local_columns(world: &World) {
    world.table::<Watched>().await;
    let write = |start| Write::list(start);
    let first = [customer(
        "cus_1",
        r#""email":"a","address":{"country":"FR"}"#,
    )];
    let report = write(world.next_token().await)
        .report::<Watched>(world, &first)
        .await
        .unwrap();
    match &report.changes[..] {
        [(id, ChangedCells::Inserted(after))] => {
            assert_eq!(id, "cus_1");
            assert_eq!(texts(after), ["cus_1", "a", "FR"]);
        }
        other => panic!("expected one insert, found {other:?}"),
    }
    world.run("UPDATE watched SET notes = 'vip'").await;
    let second = [
        customer("cus_1", r#""email":"b""#),
        customer("cus_2", r#""email":"new""#),
    ];
    let report = write(world.next_token().await)
        .report::<Watched>(world, &second)
        .await
        .unwrap();
    assert_eq!(report.changes.len(), 2);
    for (id, change) in report.changes {
        match change {
            ChangedCells::Updated(before, after) if id == "cus_1" => {
                assert_eq!(texts(&before), ["cus_1", "a", "FR", "vip"]);
                assert_eq!(texts(&after), ["cus_1", "b", "FR", "vip"]);
                let after = Change::<Watched>::from_cells(
                    ChangedCells::Inserted(after),
                    crate::model::context::Origin::ByIds,
                );
                match after.unwrap() {
                    Change::Inserted { after, .. } => {
                        assert_eq!(after.notes.as_deref(), Some("vip"));
                        assert_eq!(after.email.as_deref(), Some("b"));
                        assert_eq!(after.country.as_deref(), Some("FR"));
                        assert_eq!(after.created.timestamp(), 1_700_000_000);
                        assert_eq!(after.id, "cus_1");
                    }
                    other => panic!("{other:?}"),
                }
            }
            ChangedCells::Inserted(_) if id == "cus_2" => {}
            other => panic!("{id}: {other:?}"),
        }
    }
    let unchanged = write(world.next_token().await)
        .report::<Watched>(world, &second)
        .await
        .unwrap();
    assert!(unchanged.changes.is_empty());

    let start = world.next_token().await;
    let ids = ["cus_1".to_owned(), "cus_9".to_owned()];
    let report = world
        .store
        .delete(
            Watched::MODEL,
            &World::scope(),
            &ids,
            Removal::deleted(start),
        )
        .await
        .unwrap();
    match &report.changes[..] {
        [(id, ChangedCells::Deleted(before))] => {
            assert_eq!(id, "cus_1");
            assert_eq!(texts(before), ["cus_1", "b", "FR", "vip"]);
        }
        other => panic!("expected one deletion, found {other:?}"),
    }
}

/// What a hook does is told by the object's e-mail.
macro_rules! hooked {
    ($($feature:literal $model:ident $hook:ident $database:ident $sqlx:ident $audit:literal;)*) => {$(
        #[cfg(feature = $feature)]
        #[derive(Debug, StripeSync)]
        #[stripe(
            object = "customer", table = "hooked", database = $database, sync = $hook, crate = crate
        )]
        struct $model {
            id: String,
            email: Option<String>,
            #[stripe(default)]
            balance: i64,
        }

        #[cfg(feature = $feature)]
        async fn $hook(
            object: &StripeObject,
            cx: &mut TypedSyncContext<'_, sqlx::$sqlx>,
        ) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
            let email = object.value()?["email"].as_str().unwrap_or_default().to_owned();
            if email == "skip" {
                return Ok(Skipped);
            }
            let outcome = match email.as_str() {
                "swallow" => cx.sync_default().await.unwrap_or(Skipped),
                _ => cx.sync_default().await?,
            };
            sqlx::query($audit).bind(object.id().to_owned()).execute(cx.connection()).await?;
            match email.as_str() {
                "fail" => Err("the hook refuses".into()),
                _ => Ok(outcome),
            }
        }
    )*};
}
hooked! {
    "sqlite" SqliteHooked sqlite_hook sqlite Sqlite "INSERT INTO audit (id) VALUES (?)";
    "postgres" PostgresHooked postgres_hook postgres Postgres "INSERT INTO audit (id) VALUES ($1)";
    "mysql" MySqlHooked mysql_hook mysql MySql "INSERT INTO audit (id) VALUES (?)";
}

async fn hooked_table(world: &World) {
    let text = world.kind().dialect().key_text;
    world
        .run(format!("CREATE TABLE audit (id {text} NOT NULL)"))
        .await;
    match world.kind().dialect().feature {
        #[cfg(feature = "sqlite")]
        "sqlite" => world.table::<SqliteHooked>().await,
        #[cfg(feature = "postgres")]
        "postgres" => world.table::<PostgresHooked>().await,
        #[cfg(feature = "mysql")]
        "mysql" => world.table::<MySqlHooked>().await,
        other => panic!("{other}"),
    }
}

async fn hooked(world: &World, write: Write<'_>, objects: &[String]) -> Vec<Written> {
    match world.kind().dialect().feature {
        #[cfg(feature = "sqlite")]
        "sqlite" => write.rows::<SqliteHooked>(world, objects).await,
        #[cfg(feature = "postgres")]
        "postgres" => write.rows::<PostgresHooked>(world, objects).await,
        #[cfg(feature = "mysql")]
        "mysql" => write.rows::<MySqlHooked>(world, objects).await,
        other => panic!("{other}"),
    }
}

async fn audited(world: &World) -> Vec<String> {
    let rows = world
        .rows("SELECT id FROM audit ORDER BY id", &[CellType::Text])
        .await;
    rows.iter().map(|row| texts(row)[0].to_owned()).collect()
}

pub(crate) async fn a_sync_hook_writes_in_a_savepoint(world: &World) {
    hooked_table(world).await;
    world
        .run("INSERT INTO hooked (id, email, balance) VALUES ('cus_6', 'x', 0)")
        .await;
    let unique = world.quoted("unique_email");
    let email = if world.kind().is_mysql() {
        "email(100)"
    } else {
        "email"
    };
    world
        .run(format!("CREATE UNIQUE INDEX {unique} ON hooked ({email})"))
        .await;
    let objects: Vec<String> = [
        ("cus_1", "fine"),
        ("cus_2", "fail"),
        ("cus_3", "skip"),
        // Another row has it: the database refuses, and the hook passes the error on.
        ("cus_4", "x"),
        ("cus_5", "also fine"),
    ]
    .iter()
    .map(|(id, email)| customer(id, &format!(r#""email":"{email}""#)))
    .collect();
    let write = Write::list(world.next_token().await);
    let written = hooked(world, write, &objects).await;
    assert_eq!(written[0], Done(Inserted));
    match &written[1] {
        Written::Failed { column, reason, .. } => {
            assert_eq!(column.as_deref(), None);
            assert!(reason.contains("sync") && reason.contains("the hook refuses"));
        }
        other => panic!("expected a failure, found {other:?}"),
    }
    assert_eq!(written[2], Done(Skipped));
    assert!(matches!(written[3], Written::Failed { .. }), "{written:?}");
    assert_eq!(written[4], Done(Inserted));
    // What the failed hooks wrote is undone, what the others wrote stays.
    assert_eq!(audited(world).await, ["cus_1", "cus_5"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM hooked").await, 3);
}

pub(crate) async fn a_sync_hook_runs_for_unchanged_objects_too(world: &World) {
    hooked_table(world).await;
    let old = world.next_token().await;
    let object = [customer("cus_1", r#""email":"a""#)];
    let write = Write::list(world.next_token().await);
    assert_eq!(hooked(world, write, &object).await, [Done(Inserted)]);
    let write = Write::single(world.next_token().await);
    assert_eq!(hooked(world, write, &object).await, [Done(Unchanged)]);
    assert_eq!(audited(world).await, ["cus_1", "cus_1"]);
    // A read that must be repeated leaves nothing, even if the hook swallows the refusal.
    for email in ["b", "swallow"] {
        let object = [customer("cus_1", &format!(r#""email":"{email}""#))];
        let written = hooked(world, Write::single(old), &object).await;
        assert_eq!(written, [Written::ReadAgain]);
    }
    assert_eq!(audited(world).await, ["cus_1", "cus_1"]);
    let write = Write::single(world.next_token().await);
    let object = [customer("cus_1", r#""email":"b""#)];
    assert_eq!(hooked(world, write, &object).await, [Done(Updated)]);
}
