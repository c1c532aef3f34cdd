//! Sessions of a zone with summer time, and of other settings that change what a database reads and writes.

use crate::store::db::pool::Pool;
use crate::store::tests::world::World;
use crate::store::{IntoStore as _, Store};

/// A zone with an hour twice in November 2023 and none in March: a server may have no zones by name. The number is
/// arbitrary.
#[cfg(feature = "mysql")]
const ZONE: &str = "INSERT IGNORE INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (71523, 'N'); \
    INSERT IGNORE INTO mysql.time_zone_transition_type \
    (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation) \
    VALUES (71523, 0, -18000, 0, 'EST'), (71523, 1, -14400, 1, 'EDT'); \
    INSERT IGNORE INTO mysql.time_zone_transition (Time_zone_id, Transition_time, Transition_type_id) \
    VALUES (71523, 1678604400, 1), (71523, 1699164000, 0); \
    INSERT IGNORE INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('stripe_sync/summer', 71523)";

impl World {
    /// The same database in sessions of a zone with summer time, and of other unusual settings.
    pub(crate) async fn with_odd_session(&self) -> Store {
        match &self.store.pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(pool) => pool.into_store(),
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => {
                let options = (*pool.connect_options()).clone().options([
                    ("TimeZone", "America/New_York"),
                    ("DateStyle", "German, DMY"),
                    ("IntervalStyle", "sql_standard"),
                    ("extra_float_digits", "0"),
                    ("bytea_output", "escape"),
                    ("standard_conforming_strings", "off"),
                ]);
                let pool = sqlx::postgres::PgPoolOptions::new().max_connections(2);
                pool.connect_with(options).await.unwrap().into_store()
            }
            #[cfg(feature = "mysql")]
            Pool::MySql(pool) => {
                let options = (*pool.connect_options()).clone();
                let pool = sqlx::mysql::MySqlPoolOptions::new().max_connections(2);
                let pool = pool.after_connect(|conn, _| {
                    Box::pin(async move {
                        sqlx::raw_sql(ZONE).execute(&mut *conn).await?;
                        let set = "SET SESSION time_zone = 'stripe_sync/summer', \
                                   sql_mode = CONCAT(@@sql_mode, ',PAD_CHAR_TO_FULL_LENGTH')";
                        sqlx::raw_sql(set).execute(conn).await?;
                        Ok(())
                    })
                });
                pool.connect_with(options).await.unwrap().into_store()
            }
        }
    }
}
