//! Where the bookkeeping tables are.

use super::list::{NEXT_TOKEN, SKIP_TOKENS, tables};

/// What the names begin with unless a prefix is given.
const PREFIX: &str = "stripe_sync_";
/// The longest name: PostgreSQL cuts longer ones, `NAMEDATALEN` less one. MySQL allows a byte more.
const LONGEST_NAME: usize = 63;

/// Where the bookkeeping tables are: which schema they are in, and what their names begin with.
///
/// By default they are where the connection's unqualified names are, as `stripe_sync_inbox` and so on. All programs
/// that mirror into the same tables need the same placement.
///
/// ```
/// # use stripe_sync_schema::bookkeeping::{Placement, PlacementError};
/// // "stripe"."mirror_events" and so on
/// let placement = Placement::default().schema("stripe").prefix("mirror_");
/// placement.validate()?;
/// # Ok::<(), PlacementError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Placement {
    /// As a catalogue of the database has it.
    pub(super) schema: Option<String>,
    prefix: String,
}

impl Default for Placement {
    /// No schema, and the prefix `stripe_sync_`.
    fn default() -> Self {
        Self {
            schema: None,
            prefix: PREFIX.to_owned(),
        }
    }
}

impl Placement {
    /// Places the tables in a schema of PostgreSQL, a database of MySQL, or an attached database of SQLite. The name is
    /// taken as it is and quoted: `Stripe` is another schema than `stripe`.
    ///
    /// On SQLite each connection of the pool has to attach the database, and a transaction that spans two files is whole
    /// after a loss of power only without `journal_mode = WAL`.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Begins the names of tables, indexes and functions with another prefix than `stripe_sync_`. It may be empty where a
    /// schema is given.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Checks that each database takes the names as they are.
    ///
    /// # Errors
    /// When the schema is empty, or the prefix is empty and there is no schema; when one of them has a NUL or is so long
    /// that PostgreSQL would cut a name; when the prefix has a capital letter.
    pub fn validate(&self) -> Result<(), PlacementError> {
        let prefix = self.prefix.as_str();
        let longest = names().max_by_key(|name| name.len()).unwrap_or_default();
        let bytes = prefix.len() + longest.len();
        Err(match self.schema.as_deref() {
            Some("") => PlacementError::EmptySchema,
            Some(schema) if schema.len() > LONGEST_NAME => PlacementError::LongSchema {
                schema: schema.to_owned(),
                bytes: schema.len(),
            },
            Some(schema) if schema.contains('\0') => PlacementError::Nul { what: "schema" },
            None if prefix.is_empty() => PlacementError::EmptyPrefix,
            _ if prefix.contains('\0') => PlacementError::Nul { what: "prefix" },
            _ if prefix.contains(|letter: char| letter.is_ascii_uppercase()) => {
                PlacementError::Capitals {
                    prefix: prefix.to_owned(),
                }
            }
            _ if bytes > LONGEST_NAME => PlacementError::LongPrefix {
                prefix: prefix.to_owned(),
                longest,
                bytes,
            },
            _ => return Ok(()),
        })
    }

    /// The name of a table or a function as a catalogue of the database has it.
    pub(super) fn prefixed(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// All names that get the prefix.
fn names() -> impl Iterator<Item = &'static str> {
    let tables = tables().flat_map(|table| {
        let indexes = table.indexes.iter().map(|index| index.name);
        std::iter::once(table.name).chain(indexes)
    });
    tables.chain([NEXT_TOKEN, SKIP_TOKENS])
}

/// Why the bookkeeping tables cannot be placed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlacementError {
    /// The schema's name is empty.
    #[error("the schema of the bookkeeping tables: expected a name, got an empty one")]
    EmptySchema,

    /// The prefix is empty and there is no schema.
    #[error(
        "the bookkeeping tables: expected a prefix or a schema, got neither, and names like `events` may be those of the \
         application's own tables"
    )]
    EmptyPrefix,

    /// A name has a NUL, which no database takes.
    #[error("the {what} of the bookkeeping tables: expected a name, got one with a NUL")]
    Nul {
        /// `schema` or `prefix`.
        what: &'static str,
    },

    /// The prefix has a capital letter.
    #[error(
        "the prefix of the bookkeeping tables: expected small letters, got {prefix:?}, which SQLite and some servers of MySQL \
         do not tell from small letters"
    )]
    Capitals {
        /// The prefix.
        prefix: String,
    },

    /// PostgreSQL would cut the schema's name.
    #[error(
        "the schema of the bookkeeping tables: expected at most 63 bytes, which is where PostgreSQL cuts a name, got {bytes}: \
         {schema:?}"
    )]
    LongSchema {
        /// The schema's name.
        schema: String,
        /// Its length.
        bytes: usize,
    },

    /// PostgreSQL would cut the name of a table, an index or a function.
    #[error(
        "the prefix of the bookkeeping tables: expected names of at most 63 bytes, which is where PostgreSQL cuts them, got \
         {bytes} with {longest} behind {prefix:?}"
    )]
    LongPrefix {
        /// The prefix.
        prefix: String,
        /// The longest name that comes behind it.
        longest: &'static str,
        /// The length of both.
        bytes: usize,
    },
}
