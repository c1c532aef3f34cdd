//! PostgreSQL behind PgBouncer in transaction mode: each transaction may go to another connection of the server.

mod bouncer;
#[path = "../databases/database.rs"]
mod database;
mod live;
mod runs;
mod service;
mod unset;
