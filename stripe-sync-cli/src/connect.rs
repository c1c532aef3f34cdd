//! The syncer of a call: Stripe and the database as the settings say.

use std::pin::Pin;

use stripe_sync::client::{
    Capabilities, RateBudget, Request, Response, Stripe, StripeBuilder, Transport, TransportError,
    TransportErrorKind,
};
use stripe_sync::{DatabaseKind, IntoStore, Registry, Syncer};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::key;
use crate::program::Call;
use crate::settings::masked_url;

/// How a call reaches Stripe and the database.
pub(crate) struct Session {
    pub(crate) syncer: Syncer,
    pool: Pool,
}

/// The pool of the database.
enum Pool {
    #[cfg(feature = "sqlite")]
    Sqlite(stripe_sync::reexport::sqlx::SqlitePool),
    #[cfg(feature = "postgres")]
    Postgres(stripe_sync::reexport::sqlx::PgPool),
    #[cfg(feature = "mysql")]
    MySql(stripe_sync::reexport::sqlx::MySqlPool),
}

impl Session {
    /// Connects to the database, for requests to Stripe with a key.
    ///
    /// # Errors
    /// When there is no key, or the database cannot be reached.
    pub(crate) async fn open(call: &Call, rate: Option<f64>) -> Result<Self, Failure> {
        let stripe = stripe(call, rate)?;
        Self::over(call, stripe).await
    }

    /// The same where nobody asks Stripe.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub(crate) async fn without_stripe(call: &Call) -> Result<Self, Failure> {
        let stripe = StripeBuilder::over(NoStripe, None).build()?;
        Self::over(call, stripe).await
    }

    async fn over(call: &Call, stripe: Stripe) -> Result<Self, Failure> {
        let pool = Pool::connect(&call.settings.database.value).await?;
        let syncer = pool.syncer(call, stripe);
        Ok(Self { syncer, pool })
    }

    pub(crate) fn models(&self) -> &Registry {
        self.syncer.registry()
    }

    /// Closes the connections, so that a file of SQLite's is one file.
    pub(crate) async fn close(self) {
        match self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(pool) => pool.close().await,
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.close().await,
            #[cfg(feature = "mysql")]
            Pool::MySql(pool) => pool.close().await,
        }
    }
}

/// A client of Stripe's as the settings say.
///
/// # Errors
/// When there is no key.
pub(crate) fn stripe(call: &Call, rate: Option<f64>) -> Result<Stripe, Failure> {
    let settings = &call.settings;
    let key = key::read(&settings.api_key)?;
    let mut builder = Stripe::builder(key).base_url(settings.api_base.value.as_str());
    if let Some(account) = &settings.account.value {
        builder = builder.account(account.as_str());
    }
    if let Some(rate) = rate.or(settings.rate.value) {
        // It is what is sent, and not what it is a share of.
        builder = builder.budget(RateBudget::default().account(rate).headroom(0.0));
    }
    Ok(builder.build()?)
}

/// Which database an address is of.
///
/// # Errors
/// When it is none that this program was built for.
pub(crate) fn kind(url: &str) -> Result<DatabaseKind, Failure> {
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(DatabaseKind::Sqlite),
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(DatabaseKind::Postgres),
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => Ok(DatabaseKind::MySql),
        #[allow(unreachable_patterns, reason = "all of them may be enabled")]
        "sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb" => Err(Failure::usage(format!(
            "this program was built without {scheme}"
        ))
        .next(format!(
            "build it with the feature of stripe-sync-cli for {scheme}"
        ))),
        _ => Err(Failure::usage(format!(
            "expected a database such as {}, got {}",
            expected().join(", "),
            masked_url(url)
        ))
        .next("check `--database` and DATABASE_URL with `config print`")),
    }
}

/// An example of each address that this program takes.
fn expected() -> Vec<&'static str> {
    vec![
        #[cfg(feature = "sqlite")]
        "sqlite:stripe.db",
        #[cfg(feature = "postgres")]
        "postgres://user@host/database",
        #[cfg(feature = "mysql")]
        "mysql://user@host/database",
    ]
}

impl Pool {
    async fn connect(url: &str) -> Result<Self, Failure> {
        let refused = |error: stripe_sync::reexport::sqlx::Error| {
            // The driver's words may have the address in them, and it has a password.
            let reason = error.to_string().replace(url, &masked_url(url));
            Failure::new(
                Exit::Failed,
                format!("{} cannot be opened: {reason}", masked_url(url)),
            )
            .next("check that the database runs, and `--database` with `config print`")
        };
        match kind(url)? {
            #[cfg(feature = "sqlite")]
            DatabaseKind::Sqlite => {
                use stripe_sync::reexport::sqlx::sqlite::{
                    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous,
                };
                let options: SqliteConnectOptions = url.parse().map_err(refused)?;
                let options = options
                    .create_if_missing(true)
                    // Who reads the file does not wait for a run.
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal);
                let pool = SqlitePool::connect_with(options).await;
                Ok(Self::Sqlite(pool.map_err(refused)?))
            }
            #[cfg(feature = "postgres")]
            DatabaseKind::Postgres => {
                use stripe_sync::reexport::sqlx::{
                    ConnectOptions as _, PgPool, postgres::PgConnectOptions,
                };
                let options: PgConnectOptions = url.parse().map_err(refused)?;
                // PgBouncer refuses the parameter, and values are sent in their binary form, which it does not change.
                let options = options.extra_float_digits(None);
                // Once: a pool tries for half a minute whether somebody answers.
                options.connect().await.map_err(refused)?;
                Ok(Self::Postgres(PgPool::connect_lazy_with(options)))
            }
            #[cfg(feature = "mysql")]
            DatabaseKind::MySql => {
                use stripe_sync::reexport::sqlx::{
                    ConnectOptions as _, MySqlPool, mysql::MySqlConnectOptions,
                };
                let options: MySqlConnectOptions = url.parse().map_err(refused)?;
                // As above.
                options.connect().await.map_err(refused)?;
                Ok(Self::MySql(MySqlPool::connect_lazy_with(options)))
            }
            #[allow(
                unreachable_patterns,
                reason = "the kinds are those of the enabled features"
            )]
            other => Err(Failure::usage(format!("{other} is not supported here"))),
        }
    }

    fn syncer(&self, call: &Call, stripe: Stripe) -> Syncer {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(pool) => syncer(call, stripe, pool.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => syncer(call, stripe, pool.clone()),
            #[cfg(feature = "mysql")]
            Self::MySql(pool) => syncer(call, stripe, pool.clone()),
        }
    }
}

fn syncer(call: &Call, stripe: Stripe, pool: impl IntoStore) -> Syncer {
    let (program, bars) = (&call.program, call.bars.clone());
    let builder = Syncer::builder(stripe, pool)
        .registry(program.models.clone())
        .bookkeeping(program.placement.clone())
        .progress(move |update| bars.update(update));
    (program.syncer)(builder).build()
}

/// Refuses each request: the command needs none.
struct NoStripe;

impl Transport for NoStripe {
    fn send<'a>(
        &'a self,
        request: &'a Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        let refused = TransportError::new(
            TransportErrorKind::Invalid,
            format!(
                "{} {} was not expected of this command",
                request.method.as_str(),
                request.path
            ),
        );
        Box::pin(std::future::ready(Err(refused)))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}
