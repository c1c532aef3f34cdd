//! The bookkeeping tables are made what this program knows before it uses them.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::bookkeeping::{Bookkeeping, Lock};

use crate::store::db::store::DDL_TIMEOUT;
use crate::store::db::{Bind, Conn, Store, StoreError, TxError, query, transaction};

/// What errors name.
const TABLES: &str = "stripe_sync_*";

impl Store {
    /// Creates the bookkeeping tables that are missing, and brings those of an older version up to date. Where all are
    /// there, two questions are asked and nothing is written. Costs nothing the second time.
    ///
    /// # Errors
    /// When a newer program changed the tables, the role may not create what is missing, or the database fails.
    pub(crate) async fn prepare(&self) -> Result<(), StoreError> {
        let prepared = self
            .known
            .prepared
            .get_or_try_init(|| self.prepare_tables());
        Box::pin(prepared).await.copied()
    }

    /// Whether the bookkeeping tables are there as this program knows them. Makes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn is_prepared(&self) -> Result<bool, StoreError> {
        if self.known.prepared.initialized() {
            return Ok(true);
        }
        let missing = query!(self, TABLES, async |conn| { missing(conn).await });
        match missing {
            Ok(missing) => Ok(missing.is_empty()),
            // Runs return this error; it need not prevent a mere look at a mirrored table.
            Err(StoreError::Tables(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The statements of the bookkeeping tables that were not run yet. Makes nothing.
    ///
    /// # Errors
    /// When a newer program changed the tables, or the database fails.
    pub(crate) async fn missing_bookkeeping(&self) -> Result<Vec<String>, StoreError> {
        self.settings.validate(self.kind())?;
        query!(self, TABLES, async |conn| { missing(conn).await })
    }

    async fn prepare_tables(&self) -> Result<(), StoreError> {
        self.settings.validate(self.kind())?;
        let missing = query!(self, TABLES, async |conn| {
            conn.kind().driver().check_session(conn).await?;
            missing(conn).await
        })?;
        if missing.is_empty() {
            return Ok(());
        }
        let made = match Lock::of(self.kind().sql(), DDL_TIMEOUT) {
            Some(Lock {
                take,
                give: Some(give),
            }) => query!(self, TABLES, async |conn| {
                hold(conn, &take).await?;
                let made = make(conn).await;
                // Of the connection, which others use after this.
                conn.run(AssertSqlSafe(give.clone())).await?;
                made
            }),
            lock => transaction!(self, TABLES, async |conn| {
                if let Some(lock) = &lock {
                    hold(conn, &lock.take).await?;
                }
                make(conn).await
            }),
        };
        made.map_err(|error| match error {
            StoreError::Database { cause, .. } => StoreError::Bookkeeping { cause },
            error => error,
        })
    }
}

/// Prevents other processes from creating the tables.
async fn hold(conn: &mut Conn<'_>, take: &str) -> Result<(), TxError> {
    conn.limit = DDL_TIMEOUT;
    let taken: i64 = conn.one(AssertSqlSafe(take.to_owned()), &[]).await?;
    match taken {
        1 => Ok(()),
        _ => Err(TxError::contended(
            "another process is changing the bookkeeping tables",
        )),
    }
}

/// Creates what is missing by now.
async fn make(conn: &mut Conn<'_>) -> Result<(), TxError> {
    let statements = missing(conn).await?;
    conn.limit = DDL_TIMEOUT;
    for statement in statements {
        conn.run(AssertSqlSafe(statement)).await?;
    }
    Ok(())
}

/// The statements that are missing; none if all is there.
async fn missing(conn: &mut Conn<'_>) -> Result<Vec<String>, TxError> {
    let tables = Bookkeeping::new(conn.kind().sql(), &conn.settings.placement);
    let question = tables.look();
    let binds: Vec<Bind<'_>> = question.binds.iter().map(|name| Bind::text(name)).collect();
    let found = tables.found(conn.rows(AssertSqlSafe(question.sql), &binds).await?);
    let version: Option<i64> = match tables.version(&found) {
        Some(question) => conn.row(AssertSqlSafe(question), &[]).await?,
        None => None,
    };
    let missing = tables.plan(&found, version);
    Ok(missing.map_err(StoreError::from)?)
}
