//! The ground that everything else in the store stands on: connections, the two doors, statements and typed rows.
//!
//! Nothing but the doors takes a connection from the pool: [`transaction!`] and [`query!`]. What every piece of work
//! needs is inside them: work is done again after a deadlock and after a connection that broke, it is given up within a
//! bound when the server is silent, and a connection that was left in the middle of something is closed.

pub(in crate::store) mod bind;
pub(in crate::store) mod connection;
pub(in crate::store) mod dialect;
pub(in crate::store) mod door;
pub(in crate::store) mod error;
pub(in crate::store) mod place;
pub(in crate::store) mod pool;
#[cfg(test)]
pub(in crate::store) mod recording;
pub(in crate::store) mod retry;
pub(in crate::store) mod row;
pub(in crate::store) mod statement;
