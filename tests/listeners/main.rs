//! The programs that the guide shows for other languages, run as they are printed: they hear of each changed row.

#[path = "../databases/database.rs"]
mod database;
#[path = "../sdks/packages.rs"]
mod packages;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;
use stripe_sync::reexport::sqlx;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, StripeSync, Syncer};

use crate::database::{Database, Pool};
use crate::packages::{Language, NEEDED, Packages};

const PACKAGES: Packages = Packages {
    name: "listeners",
    folder: concat!(env!("CARGO_MANIFEST_DIR"), "/listeners"),
};
const PAGE: &str = include_str!("../../stripe-sync/src/docs/verify.md");
/// How long a program may take to begin or to print on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

/// A program that listens. It is killed when the test ends, however that ends.
struct Listener {
    child: Child,
    lines: Receiver<String>,
    file: PathBuf,
}

impl Listener {
    fn start(language: Language, url: &str) -> Self {
        let home = PACKAGES.home(language);
        // Node looks for packages beside the program.
        let name = format!("listen-{}.{}", std::process::id(), ending(language));
        let file = home.join(name);
        fs::write(&file, printed(language)).unwrap();
        let mut child = command(language, &home)
            .arg(&file)
            .env("DATABASE_URL", url)
            // Python keeps lines for itself that go to no terminal.
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{NEEDED}: {error}"));
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines, file }
    }

    fn line(&self) -> String {
        let line = self.lines.recv_timeout(PATIENCE);
        line.expect("a line of the program's")
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_file(&self.file));
    }
}

fn ending(language: Language) -> &'static str {
    match language {
        Language::Python => "py",
        Language::Node => "mjs",
    }
}

fn command(language: Language, home: &Path) -> Command {
    match language {
        Language::Python => Command::new(home.join("bin/python")),
        Language::Node => Command::new("node"),
    }
}

/// The program of a language, as the guide prints it.
fn printed(language: Language) -> &'static str {
    let fence = match language {
        Language::Python => "```python\n",
        Language::Node => "```javascript\n",
    };
    let (_, program) = PAGE.split_once(fence).expect("a program of each language");
    program.split_once("```").unwrap().0
}

/// Whether somebody listens. A session that does sends nothing more.
async fn somebody_listens(database: &Database) -> bool {
    let Pool::Postgres(pool) = &database.pool else {
        panic!("only PostgreSQL has NOTIFY");
    };
    let sql = "SELECT COUNT(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'";
    let listening: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
    listening > 0
}

async fn hears(language: Language) {
    let fake = FakeStripe::builder().seed(3).start().await.unwrap();
    let database = Database::create(DatabaseKind::Postgres).await;
    let syncer = Syncer::builder(fake.stripe().unwrap(), database.store());
    let syncer = syncer.notify("stripe_rows").build();
    syncer.ensure_table::<Customer>().await.unwrap();
    let url = format!("{}/{}", database::postgres(), database.name());
    let listener = Listener::start(language, &url);
    let listens = async {
        while !somebody_listens(&database).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, listens).await;
    waited.expect("the program listens");

    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(listener.line(), "inserted customers cus_1");
    let email = json!({"email": "ada@example.com"});
    fake.update("cus_1", email).unwrap();
    syncer.sync_by_ids::<Customer>(["cus_1"]).await.unwrap();
    assert_eq!(listener.line(), "updated customers cus_1");
    fake.delete("cus_1").unwrap();
    syncer.sync_by_ids::<Customer>(["cus_1"]).await.unwrap();
    assert_eq!(listener.line(), "deleted customers cus_1");
    drop(listener);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_in_other_languages_hear_of_changed_rows() {
    for language in Language::ALL {
        hears(language).await;
    }
}
