//! One test for each database.

/// Makes a test for each database and each function named. A function is given what `start` made of the database's kind;
/// `end` puts it away.
macro_rules! on_each_database {
    ($world:ident, $start:ident, $end:ident: $($name:ident)*) => {
        on_each_database!(@ sqlite Sqlite $world $start $end $($name)*);
        on_each_database!(@ postgres Postgres $world $start $end $($name)*);
        on_each_database!(@ mysql MySql $world $start $end $($name)*);
    };
    (@ $database:ident $kind:ident $world:ident $start:ident $end:ident $($name:ident)*) => {
        mod $database {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let world = super::$world::$start(stripe_sync::DatabaseKind::$kind).await;
                    super::$name(&world).await;
                    world.$end().await;
                }
            )*
        }
    };
}
