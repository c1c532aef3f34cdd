//! A transaction of a test's own.

use crate::store::db::pool::{Pool, Session, Transaction};
use crate::store::db::{Conn, Settings, Store, TxError};

/// A transaction that a test holds beside the store's.
pub(crate) struct Begun {
    session: Session<'static>,
    settings: Settings,
}

impl Begun {
    pub(crate) async fn new(store: &Store) -> Result<Self, sqlx::Error> {
        let statement = store.kind().dialect().begin;
        let transaction = match &store.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(pool) => Transaction::Sqlite(pool.begin_with(statement).await?),
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => Transaction::Postgres(pool.begin_with(statement).await?),
            #[cfg(feature = "mysql")]
            Pool::MySql(pool) => Transaction::MySql(pool.begin_with(statement).await?),
        };
        let settings = (*store.settings).clone();
        Ok(Self {
            session: Session::Transaction(transaction),
            settings,
        })
    }

    pub(crate) fn conn(&mut self) -> Conn<'_> {
        self.session.conn(&self.settings)
    }

    pub(crate) async fn commit(self) -> Result<(), TxError> {
        let limit = self.settings.statement_timeout;
        self.session.end(true, limit).await
    }

    pub(crate) async fn rollback(self) -> Result<(), TxError> {
        let limit = self.settings.statement_timeout;
        self.session.end(false, limit).await
    }
}
