//! A fake Stripe and a database, and the program that is called over both.

use std::future::Future;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use stripe_sync::DatabaseKind;
use stripe_sync::testing::FakeStripe;
use tokio::process::{Child, Command};

use crate::database::{Database, directory};

/// What a test has.
pub(crate) struct Stage {
    pub(crate) fake: FakeStripe,
    pub(crate) database: Database,
    pub(crate) directory: PathBuf,
}

/// What a call of the program came to.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a test on a database.
pub(crate) async fn on<F: Future<Output = Stage>>(
    kind: DatabaseKind,
    test: impl FnOnce(Stage) -> F,
) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let fake = FakeStripe::builder()
        .seed(13)
        .now(now)
        .start()
        .await
        .unwrap();
    fake.generate("customer", 30).unwrap();
    fake.generate("product", 4).unwrap();
    fake.generate("price", 6).unwrap();
    fake.generate("subscription", 12).unwrap();
    fake.generate("coupon", 3).unwrap();
    let directory = directory();
    let stage = Stage {
        database: Database::create(kind, &directory).await,
        fake,
        directory,
    };
    let stage = test(stage).await;
    stage.database.remove().await;
    std::fs::remove_dir_all(&stage.directory).unwrap();
}

impl Stage {
    /// The program, with the settings of the environment.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_commands"));
        command
            .current_dir(&self.directory)
            .env_clear()
            .env("DATABASE_URL", &self.database.url)
            .env("STRIPE_SECRET_KEY", self.fake.secret_key())
            .env("STRIPE_API_BASE", self.fake.base_url())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Calls the program and waits for its end. The key is in nothing that it writes.
    pub(crate) async fn call(&self, arguments: &[&str]) -> Called {
        let output = self.program().args(arguments).output().await.unwrap();
        self.called(output)
    }

    /// Calls the program, which must succeed, and returns its standard output.
    pub(crate) async fn succeed(&self, arguments: &[&str]) -> String {
        let called = self.call(arguments).await;
        assert_eq!(called.code, 0, "{arguments:?}: {called:?}");
        called.out
    }

    /// The JSON lines of a call that must succeed.
    pub(crate) async fn records(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let out = self
            .succeed(&[arguments, &["--format", "json"]].concat())
            .await;
        records(&out)
    }

    /// Starts the program.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.program();
        command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Waits for the end of a program that was started.
    pub(crate) async fn ended(&self, child: Child) -> Called {
        self.called(child.wait_with_output().await.unwrap())
    }

    fn called(&self, output: Output) -> Called {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let called = Called {
            code: code(output.status),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        for said in [&called.out, &called.err] {
            assert!(
                !said.contains(self.fake.secret_key()),
                "the key is in: {said}"
            );
        }
        called
    }

    /// The tables hold what the fake has.
    pub(crate) async fn assert_equal(&self) {
        let account = self
            .fake
            .account("acct_1FakeStripe", stripe_sync::testing::Mode::Test)
            .unwrap();
        for (object, table) in [
            ("customer", "customers"),
            ("product", "products"),
            ("price", "prices"),
            ("subscription", "subscriptions"),
            ("subscription_item", "subscription_items"),
            ("coupon", "coupons"),
        ] {
            let sql = format!("SELECT id FROM {table} WHERE stripe_deleted_at IS NULL");
            let mut rows = self.database.texts(&sql).await;
            let mut truth: Vec<String> = account.ids(object);
            rows.sort();
            truth.sort();
            assert_eq!(rows, truth, "{table}");
        }
    }
}

/// The code that a shell would show: 128 and the signal where that ended the process.
fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Each line as JSON.
pub(crate) fn records(out: &str) -> Vec<serde_json::Value> {
    let parse = |line: &str| match serde_json::from_str(line) {
        Ok(record) => record,
        Err(error) => panic!("{error}: {line}"),
    };
    out.lines().map(parse).collect()
}

/// The last line, which sums up.
pub(crate) fn summary(records: &[serde_json::Value]) -> &serde_json::Value {
    let last = records.last().expect("no line");
    assert_eq!(last["type"], "summary", "{last}");
    last
}
