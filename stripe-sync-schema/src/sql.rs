//! The statements that mirror a table, as text, for each database.

pub mod mysql;
pub mod postgres;
pub mod sqlite;
