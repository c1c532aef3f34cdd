//! The application of a soak, inside its processes: it receives by HTTP, and its handlers panic, hang and fail at random until the
//! troubles end.

use std::fs::{self, OpenOptions};
use std::future::pending;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use stripe_sync::client::StripeBuilder;
use stripe_sync::live::{HandlerError, Live};
use stripe_sync::reexport::chrono::Utc;
use stripe_sync::{Store, Stripe, Syncer};
use tokio::net::TcpListener;

use super::postman::PATH;

/// How long Stripe may be silent, and a request may take with its retries.
const SILENCE: Duration = Duration::from_secs(2);
const REQUEST: Duration = Duration::from_secs(10);
/// How long the database may take for a statement.
const STATEMENT: Duration = Duration::from_secs(3);
/// How long a handler may take.
const HANDLER: Duration = Duration::from_secs(2);
/// No object and no message is given up: what fails is tried until the troubles end.
pub(crate) const ATTEMPTS: u32 = u32::MAX;

/// A process of a soak.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) seed: u64,
    /// When the troubles end, in Unix milliseconds.
    pub(crate) until: i64,
    /// The file in which it says at which port it receives.
    pub(crate) port: PathBuf,
    /// The file in which it writes down each trouble that it made.
    pub(crate) diary: PathBuf,
}

/// When a handler is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    InTransaction,
    AfterCommit,
}

/// What a handler does instead of its work, and its sign in the diary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Panic,
    Hang,
    Fail,
}

impl Trouble {
    const ALL: [(Self, u8, &'static str); 3] = [
        (Self::Panic, b'p', "panics"),
        (Self::Hang, b'h', "hangs"),
        (Self::Fail, b'f', "failures"),
    ];

    /// One call of thousands: a handler that hangs in a transaction keeps everybody from SQLite.
    fn draw(moment: Moment, rng: &mut Rng) -> Option<Self> {
        let (panics, hangs, failures) = match moment {
            Moment::InTransaction => (5, 1, 15),
            Moment::AfterCommit => (5, 3, 15),
        };
        let drawn = rng.u32(0..1_000);
        if drawn < panics {
            Some(Self::Panic)
        } else if drawn < panics + hangs {
            Some(Self::Hang)
        } else if drawn < panics + hangs + failures {
            Some(Self::Fail)
        } else {
            None
        }
    }
}

/// The handlers of a process.
pub(crate) struct Handlers {
    application: Application,
    rng: Mutex<Rng>,
}

impl Handlers {
    pub(crate) fn new(application: Application) -> Self {
        let rng = Mutex::new(Rng::with_seed(application.seed));
        Self { application, rng }
    }

    /// A point in a handler at which it may go wrong.
    pub(crate) async fn pass(&self, moment: Moment) -> Result<(), HandlerError> {
        if Utc::now().timestamp_millis() >= self.application.until {
            return Ok(());
        }
        let trouble = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            Trouble::draw(moment, &mut rng)
        };
        let Some(trouble) = trouble else {
            return Ok(());
        };
        self.application.note(trouble)?;
        match trouble {
            Trouble::Panic => panic!("a bug of the application"),
            Trouble::Hang => pending().await,
            Trouble::Fail => Err("the application does not want it".into()),
        }
    }
}

impl Application {
    fn note(&self, trouble: Trouble) -> std::io::Result<()> {
        let sign = Trouble::ALL.iter().find(|(of, ..)| *of == trouble);
        let sign = sign.map_or(b'?', |(_, sign, _)| *sign);
        let mut options = OpenOptions::new();
        let mut diary = options.append(true).create(true).open(&self.diary)?;
        diary.write_all(&[sign])
    }

    /// A client that does not wait for long.
    pub(crate) fn client(builder: StripeBuilder) -> StripeBuilder {
        builder
            .read_timeout(SILENCE)
            .attempt_timeout(SILENCE * 2)
            .total_time(REQUEST)
    }

    /// A syncer that does not wait for long.
    pub(crate) fn syncer(stripe: Stripe, store: Store) -> Syncer {
        Syncer::builder(stripe, store)
            .statement_timeout(STATEMENT)
            .hook_timeout(HANDLER)
            .build()
    }

    /// Receives, at a port that it makes known.
    pub(crate) async fn receive(&self, live: &Live) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Nobody sees half of it.
        let unfinished = unfinished(&self.port);
        fs::write(&unfinished, port.to_string()).unwrap();
        fs::rename(&unfinished, &self.port).unwrap();
        let router = live.router(PATH);
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
}

/// The file that becomes that of a port when all of it is written.
pub(super) fn unfinished(port: &Path) -> PathBuf {
    let mut name = port.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

/// What the handlers of all processes did, from their diary.
pub(super) fn troubles(diary: &Path) -> String {
    let signs = fs::read(diary).unwrap_or_default();
    let counts = Trouble::ALL.map(|(_, sign, name)| {
        let count = signs.iter().filter(|one| **one == sign).count();
        format!("{count} {name}")
    });
    counts.join(", ")
}
