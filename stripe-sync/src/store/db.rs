//! The ground that everything else in the store stands on: connections, the two doors, statements and typed rows.
//!
//! Nothing but the doors takes a connection from the pool: [`transaction!`] and [`query!`]. What every piece of work
//! needs is inside them: work is done again after a deadlock and after a connection that broke, it is given up within a
//! bound when the server is silent, and a connection that was left in the middle of something is closed.
pub(crate) mod catalog;
pub(crate) mod column;
pub(crate) mod context;
pub(crate) mod driver;
pub(crate) mod scope;
pub(crate) mod store;

pub(crate) mod bind;
pub(crate) mod connection;
pub(crate) mod dialect;
pub(crate) mod door;
pub(crate) mod error;
pub(crate) mod pool;
pub(crate) mod retry;
pub(crate) mod row;
pub(crate) mod statement;

pub(crate) use bind::Bind;
pub(crate) use column::fit::{Fit, Limit};
pub(crate) use column::wanted::TableColumn;
pub(crate) use column::{FoundColumn, MICROSECONDS_FROM};
pub(crate) use connection::{Conn, Link, Rows, UNREADABLE};
pub(crate) use context::TableContext;
pub(crate) use dialect::{DatabaseKind, Dialect};
pub(crate) use door::{query, transaction};
pub(crate) use driver::Driver;
pub(crate) use error::attribution::Attribution;
pub(crate) use error::{PoolerTrouble, StoreError};
pub(crate) use retry::TxError;
pub(crate) use scope::{OF_KEY, Scope};
pub(crate) use statement::StatementTemplate;
pub(crate) use store::facts::Facts;
pub(crate) use store::place::Place;
pub(crate) use store::{Settings, Store};
