//! The databases that statements are written for.

/// One of the databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
    MySql,
}

impl Database {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];

    /// Words that mean one of them, its own word, and why.
    pub(crate) const OTHER_WORDS: [(&str, &str, &str); 7] = [
        ("maria", "mysql", ", which serves MariaDB too"),
        ("mariadb", "mysql", ", which serves MariaDB too"),
        ("pg", "postgres", ""),
        ("pgsql", "postgres", ""),
        ("postgresql", "postgres", ""),
        ("psql", "postgres", ""),
        ("sqlite3", "sqlite", ""),
    ];

    /// The word for it in `#[stripe(database = ...)]`, which is also the name of its feature.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// Whether its feature is on.
    pub(crate) const fn enabled(self) -> bool {
        match self {
            Self::Sqlite => cfg!(feature = "sqlite"),
            Self::Postgres => cfg!(feature = "postgres"),
            Self::MySql => cfg!(feature = "mysql"),
        }
    }
}
