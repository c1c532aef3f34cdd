//! Rows of children that the database refuses or holds, and hooks of children.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{Change, Context, DatabaseKind, HookError, StripeSync, Syncer};

use crate::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "bills", on_delete = hard)]
struct Invoice {
    id: String,
    #[stripe(children)]
    lines: Vec<Line>,
}

#[derive(StripeSync)]
#[stripe(
    object = "line_item",
    table = "bill_lines",
    on_delete = hard,
    after_commit = line_changed
)]
struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    #[stripe(path = description, default)]
    text: String,
}

/// What hooks were told.
type Told = Arc<Mutex<Vec<String>>>;

async fn line_changed(change: Change<Line>, context: &Context) -> Result<(), HookError> {
    let told: &Told = context.state().unwrap();
    let (kind, line) = match &change {
        Change::Inserted { after, .. } => ("inserted", after),
        Change::Updated { after, .. } => ("updated", after),
        Change::Deleted { before, .. } => ("deleted", before),
        other => panic!("{:?}", other.origin()),
    };
    told.lock().unwrap().push(format!("{kind} {}", line.text));
    Ok(())
}

pub(super) struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
    told: Told,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(21).start().await.unwrap();
        let database = Database::create(kind).await;
        let told = Told::default();
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store());
        let syncer = syncer.state(Arc::clone(&told)).build();
        for statement in syncer.create_table::<Invoice>() {
            database.run(&statement).await;
        }
        // A foreign key of the user's, and a column under a unique key.
        let key = "FOREIGN KEY (invoice) REFERENCES bills (id), PRIMARY KEY";
        for statement in syncer.create_table::<Line>() {
            let statement = statement.replacen("PRIMARY KEY", key, 1);
            database.run(&statement).await;
        }
        let text = match kind {
            DatabaseKind::MySql => "text (100)",
            _ => "text",
        };
        database
            .run(&format!(
                "CREATE UNIQUE INDEX bill_lines_text ON bill_lines ({text})"
            ))
            .await;
        Self {
            fake,
            database,
            syncer,
            told,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// A draft whose lines have these texts.
    fn draft(&self, id: &str, texts: &[&str]) -> Vec<String> {
        let account = self.fake.unchecked();
        let line = |text: &&str| json!({"id": format!("il_{id}_{text}"), "object": "line_item", "invoice": id, "description": text});
        let lines: Vec<Value> = texts.iter().map(line).collect();
        let draft = json!({"id": id, "status": "draft", "lines": {"object": "list", "data": [], "has_more": false, "url": format!("/v1/invoices/{id}/lines")}});
        account.create("invoice", draft).unwrap();
        let made = lines.into_iter().map(|line| {
            let made = account.create_child(id, "line_item", line).unwrap();
            made["id"].as_str().unwrap().to_owned()
        });
        made.collect()
    }

    async fn texts(&self) -> Vec<String> {
        let texts = self
            .database
            .texts("SELECT text FROM bill_lines ORDER BY text");
        texts.await.into_iter().flatten().collect()
    }

    fn told(&self) -> Vec<String> {
        let mut told = std::mem::take(&mut *self.told.lock().unwrap());
        told.sort();
        told
    }
}

on_each_database! {
    World, start, end:
    a_line_fails_alone_and_comes_when_it_can
    lines_go_before_the_invoice_that_holds_them
    a_line_that_a_row_of_the_users_holds_stays
}

async fn a_line_fails_alone_and_comes_when_it_can(world: &World) {
    world.draft("in_1", &["a", "b"]);
    let lines = world.draft("in_2", &["c", "b"]);
    let report = world.syncer.sync_all::<Invoice>().await.unwrap();
    let child = report.child("Line").unwrap();
    assert_eq!((child.inserted, child.failed), (3, 1), "{report}");
    assert!(!report.is_complete() && report.failed == 0, "{report}");
    assert_eq!(report.inserted, 2, "{report}");
    assert_eq!(world.texts().await, ["a", "b", "c"]);
    assert_eq!(world.told(), ["inserted a", "inserted b", "inserted c"]);
    let failed = world.syncer.failed_rows::<Line>().await.unwrap();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(
        world
            .syncer
            .failed_rows::<Invoice>()
            .await
            .unwrap()
            .is_empty()
    );

    let account = world.fake.unchecked();
    for line in &lines {
        account
            .update(line, json!({"description": format!("of {line}")}))
            .unwrap();
    }
    let report = world.syncer.sync_by_ids::<Invoice>(["in_2"]).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(world.texts().await.len(), 4);
    assert!(world.syncer.failed_rows::<Line>().await.unwrap().is_empty());
}

async fn lines_go_before_the_invoice_that_holds_them(world: &World) {
    world.draft("in_1", &["a", "b"]);
    world.draft("in_2", &["c"]);
    world.syncer.sync_all::<Invoice>().await.unwrap();
    world.told();
    world.fake.delete("in_1").unwrap();
    let report = world.syncer.sync_all::<Invoice>().await.unwrap();
    assert_eq!((report.deleted, report.failed), (1, 0), "{report}");
    assert_eq!(report.child("Line").unwrap().deleted, 2, "{report}");
    assert_eq!(world.texts().await, ["c"]);
    assert_eq!(world.told(), ["deleted a", "deleted b"]);
}

async fn a_line_that_a_row_of_the_users_holds_stays(world: &World) {
    let lines = world.draft("in_1", &["a", "b", "c"]);
    world.syncer.sync_all::<Invoice>().await.unwrap();
    let id = match world.database.pool {
        Pool::MySql(_) => "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        _ => "TEXT",
    };
    let notes =
        format!("CREATE TABLE notes (line {id}, FOREIGN KEY (line) REFERENCES bill_lines (id))");
    world.database.run(&notes).await;
    let note = format!("INSERT INTO notes VALUES ('{}')", lines[0]);
    world.database.run(&note).await;
    let account = world.fake.unchecked();
    for line in &lines[..2] {
        account.delete(line).unwrap();
    }
    let report = world.syncer.sync_by_ids::<Invoice>(["in_1"]).await.unwrap();
    let child = report.child("Line").unwrap();
    assert_eq!((child.deleted, child.failed), (1, 1), "{report}");
    assert_eq!(child.failures[0].id, lines[0], "{report}");
    assert_eq!(world.texts().await, ["a", "c"]);
    world.database.run("DELETE FROM notes").await;
    world.syncer.sync_by_ids::<Invoice>(["in_1"]).await.unwrap();
    assert_eq!(world.texts().await, ["c"]);
}
