//! The program itself, as people call it: each command on each database, against the fake Stripe.

mod database;
mod events;
mod following;
mod listen;
mod migrate;
#[allow(dead_code, reason = "rows are read by SQL")]
#[path = "../../src/models.rs"]
mod models;
mod settings;
mod snapshot;
mod stage;
mod status;
mod stopping;
mod sync;
mod terminal;
mod transcripts;
mod webhook;

/// Makes a test of each database out of a function that takes a stage.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::stage::on(stripe_sync::DatabaseKind::Sqlite, super::$name).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::stage::on(stripe_sync::DatabaseKind::Postgres, super::$name).await;
                }
            )+
        }
        mod mysql {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::stage::on(stripe_sync::DatabaseKind::MySql, super::$name).await;
                }
            )+
        }
    };
}
use on_each_database;
