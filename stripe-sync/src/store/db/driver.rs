//! The databases, each with the same files: `codec` (binds and values), `catalog` (what a table is like), `error`, `fit`.

#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) mod codec;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
