//! The program itself, stopped by its signal and started again: a change waits for the next process, and for no claim of
//! the one before.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use stripe_sync::testing::{FakeStripe, Faults, Phase, Story};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use webhooks::routes::WEBHOOK;

use crate::http;

/// How often something that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

struct Program {
    address: SocketAddr,
    directory: PathBuf,
    key: String,
    base: String,
    secret: String,
}

impl Program {
    fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_webhooks"))
            .current_dir(&self.directory)
            .env("LISTEN", self.address.to_string())
            .env("STRIPE_SECRET_KEY", &self.key)
            .env("STRIPE_API_BASE", &self.base)
            .env("STRIPE_WEBHOOK_SECRET", &self.secret)
            .env_remove("PUBLIC_URL")
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Waits until the program has a customer.
    async fn has(&self, customer: &str) {
        let path = format!("/customers/{customer}");
        loop {
            if TcpStream::connect(self.address).await.is_ok()
                && http::get(self.address, &path).await.0 == 200
            {
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// The number of rows, of those with this id if the statement asks for one.
async fn count(file: &Path, sql: &'static str, id: Option<&str>) -> i64 {
    let url = format!("sqlite:{}", file.display());
    let pool = SqlitePool::connect(&url).await.unwrap();
    let mut query = sqlx::query_as(sql);
    if let Some(id) = id {
        query = query.bind(id);
    }
    let (count,) = query.fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

/// The signal that stops a service.
fn terminate(program: &Child) {
    let kill = Command::new("kill")
        .args(["-TERM", &program.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// Somebody who pays.
fn customer(fake: &FakeStripe) -> String {
    let told = fake.tell(Story::Payment).unwrap();
    told.id("customer").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_waits_for_the_next_process_and_for_no_claim() {
    let fake = FakeStripe::builder().seed(9).start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let directory =
        std::env::temp_dir().join(format!("stripe_sync_webhooks_{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let url = format!("http://{address}{WEBHOOK}");
    let endpoint = fake.webhook_endpoint(&url);
    let endpoint = endpoint.events(["*"]).create().unwrap();
    let program = Program {
        address,
        directory: directory.clone(),
        key: fake.secret_key().to_owned(),
        base: fake.base_url(),
        secret: endpoint.secret.clone(),
    };
    let file = directory.join("account.db");
    let first = customer(&fake);
    let mut running = program.start();
    program.has(&first).await;
    let pump = fake.deliver_webhooks().unwrap();

    // The signal comes while an object is read.
    let latency = Duration::from_secs(1);
    fake.faults(Faults::new(9).latency(latency..latency));
    let asked = Arc::new(Notify::new());
    let notify = Arc::clone(&asked);
    let of_first = format!("/v1/customers/{first}");
    fake.on_request(Phase::Before, move |view| {
        if view.endpoint() == "/v1/customers/{id}" && view.path() != of_first {
            notify.notify_one();
        }
    });
    let ada = customer(&fake);
    asked.notified().await;
    terminate(&running);
    let ended = tokio::task::spawn_blocking(move || running.wait())
        .await
        .unwrap();
    assert!(ended.unwrap().success());
    fake.faults(None);
    // It was finished, or it is given back: nobody has a claim that the next process would have to wait for.
    for claims in [
        "SELECT COUNT(*) FROM stripe_sync_work WHERE expires_at > 0",
        "SELECT COUNT(*) FROM stripe_sync_outbox WHERE expires_at > 0",
        "SELECT COUNT(*) FROM stripe_sync_slices WHERE owner <> 0 AND NOT done",
    ] {
        assert_eq!(count(&file, claims, None).await, 0, "{claims}");
    }
    let row = "SELECT COUNT(*) FROM customers WHERE id = ?";
    assert_eq!(count(&file, row, Some(&ada)).await, 1);

    let bob = customer(&fake);
    let mut running = program.start();
    program.has(&bob).await;
    terminate(&running);
    assert!(running.wait().unwrap().success());
    drop(pump);
    std::fs::remove_dir_all(directory).unwrap();
}
