//! The types of columns that a table of somebody else may have.

use crate::store::db::DatabaseKind;

/// A type of column.
#[derive(Debug)]
pub(crate) struct ColumnType {
    /// As it is written in CREATE TABLE, and in the struct's own type.
    pub(crate) sql: &'static str,
    /// Whether spaces at the end of a text are the type's own.
    pub(crate) pads: bool,
}

/// What is tried on one database.
pub(crate) struct Types {
    /// Makes types of the user's own.
    pub(crate) before: &'static [&'static str],
    pub(crate) columns: &'static [ColumnType],
    /// As many cells there are at least.
    pub(crate) least: usize,
}

macro_rules! types {
    ($($sql:literal $($pads:ident)?),* $(,)?) => {
        &[$(ColumnType { sql: $sql, pads: false $(|| types!(@ $pads))? }),*]
    };
    (@ pads) => { true };
}

#[cfg(feature = "postgres")]
const POSTGRES: Types = Types {
    before: &[
        "CREATE TYPE plan AS ENUM ('a', 'usd', '007')",
        "CREATE DOMAIN short AS varchar(3)",
        "CREATE DOMAIN shorter AS short CHECK (value <> 'no')",
        "CREATE DOMAIN padded AS char(3)",
        "CREATE DOMAIN price AS numeric(12,2)",
        "CREATE DOMAIN reading AS timestamp",
        "CREATE DOMAIN coarse AS timestamptz(0)",
        "CREATE DOMAIN single AS real",
        "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
    ],
    columns: types![
        "text",
        "text COLLATE \"C\"",
        "text COLLATE blind",
        "varchar",
        "varchar(3)",
        "character varying(20)",
        "varchar(255)",
        "char(3)" pads,
        "character(5)" pads,
        "char" pads,
        "bpchar" pads,
        "name",
        "\"char\"",
        "plan",
        "uuid",
        "bit(3)",
        "varbit(8)",
        "bit varying",
        "inet",
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "numeric(20)",
        "numeric(12,2)",
        "decimal(38,12)",
        "numeric(57,28)",
        "numeric(5,-2)",
        "real",
        "float(53)",
        "double precision",
        "money",
        "boolean",
        "date",
        "time",
        "timetz",
        "timestamp",
        "timestamp(0)",
        "timestamp(3) without time zone",
        "timestamptz",
        "timestamptz(0)",
        "timestamp(3) with time zone",
        "interval",
        "json",
        "jsonb",
        "xml",
        "bytea",
        "short",
        "shorter",
        "padded" pads,
        "price",
        "reading",
        "coarse",
        "single",
    ],
    least: 700,
};

#[cfg(feature = "mysql")]
const MYSQL: Types = Types {
    before: &[],
    columns: types![
        "VARCHAR(3)",
        "VARCHAR(255)",
        "VARCHAR(255) COLLATE utf8mb4_bin",
        "VARCHAR(255) CHARACTER SET latin1",
        "VARCHAR(255) CHARACTER SET utf8mb3",
        "VARCHAR(255) CHARACTER SET sjis",
        "CHAR(3)",
        "CHAR(255)",
        "TINYTEXT",
        "TEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
        "ENUM('a','usd','007')",
        "SET('a','usd')",
        "UUID",
        "INET6",
        "BINARY(8)",
        "VARBINARY(255)",
        "BLOB",
        "LONGBLOB",
        "BIT(1)",
        "BIT(8)",
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "MEDIUMINT",
        "INT",
        "INT UNSIGNED",
        "INT(5) ZEROFILL",
        "BIGINT",
        "BIGINT UNSIGNED",
        "YEAR",
        "DECIMAL",
        "DECIMAL(20)",
        "DECIMAL(12,2)",
        "DECIMAL(38,12)",
        "DECIMAL(57,28)",
        "FLOAT",
        "FLOAT(10,2)",
        "DOUBLE",
        "DOUBLE(10,2)",
        "DATE",
        "TIME",
        "DATETIME",
        "DATETIME(3)",
        "DATETIME(6)",
        "TIMESTAMP",
        "TIMESTAMP(3)",
        "TIMESTAMP(6)",
        "JSON",
    ],
    least: 700,
};

#[cfg(feature = "sqlite")]
const SQLITE: Types = Types {
    before: &[],
    columns: types![
        "TEXT",
        "TEXT COLLATE NOCASE",
        "TEXT COLLATE RTRIM",
        "VARCHAR(3)",
        "CHAR(3)",
        "CLOB",
        "INT",
        "INTEGER",
        "BIGINT",
        "TINYINT",
        "BOOLEAN",
        "REAL",
        "FLOAT",
        "DOUBLE PRECISION",
        "NUMERIC",
        "DECIMAL(12,2)",
        "NUMERIC(57,28)",
        "date",
        "DATETIME",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "JSON",
        "JSONB",
        "BLOB",
        "UUID",
        "",
        "ANY",
    ],
    least: 400,
};

pub(crate) fn of(database: DatabaseKind) -> Types {
    match database {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => SQLITE,
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => POSTGRES,
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => MYSQL,
    }
}
