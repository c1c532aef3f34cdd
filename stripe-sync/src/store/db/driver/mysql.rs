//! MySQL and MariaDB.
pub(crate) mod catalog;
pub(crate) mod codec;
pub(crate) mod error;
pub(crate) mod fit;

use futures_util::future::{BoxFuture, FutureExt as _};
use sqlx::AssertSqlSafe;
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;
use stripe_sync_schema::sql::Database;

use crate::cell::{Cell, CellType};
use crate::store::db::catalog::unique_keys;
use crate::store::db::dialect::LongestName;
use crate::store::db::retry::Class;
use crate::store::db::{
    Attribution, Bind, Conn, Dialect, Driver, Facts, Fit, FoundColumn, StoreError, TableContext,
    TxError, statement,
};

static DIALECT: Dialect = Dialect {
    sql: Database::MySql,
    name: "MySQL",
    feature: "mysql",
    statements: |sql| sql.mysql.as_ref(),
    // The default, REPEATABLE READ, locks the gaps between rows and reads an old snapshot after it waited for a lock.
    begin: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    now_millis: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
    for_share: " LOCK IN SHARE MODE",
    key_text: "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    columns: catalog::COLUMNS,
    unique_keys: catalog::UNIQUE_KEYS,
    indexes: catalog::INDEXES,
    longest_name: Some(LongestName::Letters(64)),
    foreign_keys: catalog::FOREIGN_KEYS,
    // MySQL has no IF NOT EXISTS here.
    index_if_new: "",
    // 3072 bytes of four a character.
    index_characters: Some(768),
    declares_inside: true,
    comment_bytes: Some((2048, 1024)),
    escapes_backslash: true,
    obstacles: catalog::OBSTACLES,
    token_before: true,
    returning: false,
    // The server's own default may be a character set that cannot hold all of Stripe's text.
    table_options: " CHARACTER SET utf8mb4",
    ..Dialect::COMMON
};

pub(crate) struct MySql;

impl Driver for MySql {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn type_and_zero(&self, cell: CellType) -> (&'static str, &'static str) {
        match cell {
            // A text may have an expression as its default, but no literal.
            CellType::Text => ("LONGTEXT", "('')"),
            CellType::Integer => ("BIGINT", "0"),
            CellType::Float => ("DOUBLE", "0"),
            CellType::Boolean => ("BOOLEAN", "FALSE"),
            CellType::Instant => ("DATETIME(6)", "'1970-01-01 00:00:00'"),
            // Every value of `rust_decimal::Decimal`: 29 digits before the point, or 28 behind it.
            CellType::Decimal => ("DECIMAL(57,28)", "0"),
            CellType::Json => ("JSON", "('null')"),
            CellType::Bytes => ("LONGBLOB", "('')"),
            CellType::Array(_) => ("JSON", "('[]')"),
        }
    }

    fn fit(&self, cell: CellType, own: Option<&str>, found: &FoundColumn) -> Fit {
        // Arrays are JSON here.
        let cell = match cell {
            CellType::Array(_) => CellType::Json,
            cell => cell,
        };
        fit::fit(cell, own, found)
    }

    fn ignores_spaces(&self, found: &FoundColumn) -> bool {
        let collation = found.collation.as_deref().unwrap_or_default();
        !(collation.is_empty()
            || collation == "binary"
            || collation.contains("nopad")
            || collation.contains("_0900_"))
    }

    fn classify(&self, error: &dyn DatabaseError) -> Option<Class> {
        let error = error.try_downcast_ref::<MySqlDatabaseError>()?;
        Some(error::classify(error.number()))
    }

    fn look<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        found: &'a [FoundColumn],
        facts: &'a mut Facts,
    ) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            facts.zoned = found.iter().any(|found| found.base == "timestamp");
            let packet = "SELECT CAST(@@max_allowed_packet AS SIGNED)";
            let bytes: i64 = conn.one(packet, &[]).await?;
            facts.packet = usize::try_from(bytes).ok();
            facts.quick = unique_keys(conn, &target.place).await?.len() < 2;
            Ok(())
        })
    }

    fn check_session<'a>(&'a self, conn: &'a mut Conn<'_>) -> BoxFuture<'a, Result<(), TxError>> {
        Box::pin(async move {
            let is_strict = "SELECT CONCAT(',', @@SESSION.sql_mode, ',') \
                             REGEXP ',(STRICT_TRANS_TABLES|STRICT_ALL_TABLES|TRADITIONAL),'";
            match conn.one(is_strict, &[]).await? {
                true => Ok(()),
                false => Err(StoreError::NotStrict.into()),
            }
        })
    }

    fn next_token<'a>(&'a self, conn: &'a mut Conn<'_>) -> BoxFuture<'a, Result<i64, TxError>> {
        codec::next_token(conn).boxed()
    }

    fn holds_all<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        objects: &'a [(&'a str, i64)],
        limit: i64,
    ) -> BoxFuture<'a, Result<Option<bool>, TxError>> {
        Box::pin(async move {
            let compare = &target.statements.compare;
            for objects in objects.chunks(statement::LONG) {
                let length = statement::padded_long(objects.len());
                // The statement has a list of ids and one of hashes. A hash is of a row with its id, so that one object's
                // hash is not another's.
                let list = vec!["?"; length].join(", ");
                let sql = AssertSqlSafe(format!("{}{list}{}{list})", compare.head, compare.tail));
                let filled = || statement::filled(objects, length);
                let mut binds = target.scope_binds();
                binds.extend(filled().map(|(id, _)| Bind::text(id)));
                binds.push(Bind::integer(limit));
                binds.extend(filled().map(|(_, hash)| Bind::integer(*hash)));
                let same: i64 = conn.one(sql, &binds).await?;
                if usize::try_from(same) != Ok(objects.len()) {
                    return Ok(Some(false));
                }
            }
            Ok(Some(true))
        })
    }

    fn attribute<'a>(
        &'a self,
        conn: &'a mut Conn<'_>,
        target: &'a TableContext<'_>,
        cells: &'a [Cell<'static>],
        error: &'a dyn DatabaseError,
    ) -> BoxFuture<'a, Result<Attribution, TxError>> {
        let number = error.try_downcast_ref::<MySqlDatabaseError>();
        let number = number.map_or(0, MySqlDatabaseError::number);
        error::blame(conn, target, cells, (number, error.message())).boxed()
    }
}
