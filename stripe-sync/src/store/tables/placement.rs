//! Where the bookkeeping tables are.

use std::borrow::Cow;

use stripe_sync_schema::sql::quote;

use super::bookkeeping::{NEXT_TOKEN, SKIP_TOKENS, table, tables};
use crate::store::DatabaseKind;

/// What the names begin with unless a prefix is given.
const PREFIX: &str = "stripe_sync_";
/// The longest name: PostgreSQL cuts longer ones, `NAMEDATALEN` less one. MySQL allows a byte more.
const LONGEST_NAME: usize = 63;

/// Where the bookkeeping tables are: which schema they are in, and what their names begin with.
///
/// By default they are where the connection's unqualified names are, as `stripe_sync_events` and so on. All programs
/// that mirror into the same tables need the same placement.
///
/// ```
/// use stripe_sync::Placement;
///
/// // "stripe"."mirror_events" and so on
/// let placement = Placement::default().schema("stripe").prefix("mirror_");
/// placement.validate()?;
/// # Ok::<(), stripe_sync::PlacementError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Placement {
    schema: Option<String>,
    prefix: Cow<'static, str>,
}

impl Default for Placement {
    /// No schema, and the prefix `stripe_sync_`.
    fn default() -> Self {
        Self {
            schema: None,
            prefix: Cow::Borrowed(PREFIX),
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
        self.prefix = Cow::Owned(prefix.into());
        self
    }

    /// Checks that each database takes the names as they are.
    ///
    /// # Errors
    /// When the schema is empty, or the prefix is empty and there is no schema; when one of them has a NUL or is so long
    /// that PostgreSQL would cut a name; when the prefix has a capital letter.
    pub fn validate(&self) -> Result<(), PlacementError> {
        if let Some(schema) = self.schema_name() {
            match schema.len() {
                0 => return Err(PlacementError::EmptySchema),
                1..=LONGEST_NAME => no_nul("schema", schema)?,
                bytes => {
                    return Err(PlacementError::LongSchema {
                        schema: schema.to_owned(),
                        bytes,
                    });
                }
            }
        } else if self.prefix.is_empty() {
            return Err(PlacementError::EmptyPrefix);
        }
        no_nul("prefix", &self.prefix)?;
        let prefix = self.prefix.as_ref();
        if prefix.contains(|letter: char| letter.is_ascii_uppercase()) {
            return Err(PlacementError::Capitals {
                prefix: prefix.to_owned(),
            });
        }
        let longest = names().max_by_key(|name| name.len()).unwrap_or_default();
        match prefix.len() + longest.len() {
            0..=LONGEST_NAME => Ok(()),
            bytes => Err(PlacementError::LongPrefix {
                prefix: prefix.to_owned(),
                longest,
                bytes,
            }),
        }
    }

    /// The quoted name of a table, after that of its schema.
    pub(in crate::store) fn table(&self, kind: DatabaseKind, name: &str) -> String {
        let name = self.alone(kind, name);
        match self.quoted_schema(kind) {
            Some(schema) => format!("{schema}.{name}"),
            None => name,
        }
    }

    /// The quoted name of a table or an index, without a schema.
    pub(super) fn alone(&self, kind: DatabaseKind, name: &str) -> String {
        quote(&self.prefixed(name), kind.dialect().quote)
    }

    /// The name of a table or a function as a catalogue of the database has it.
    pub(super) fn prefixed(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The schema's name as a catalogue has it.
    pub(super) fn schema_name(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    pub(super) fn quoted_schema(&self, kind: DatabaseKind) -> Option<String> {
        let schema = self.schema.as_deref()?;
        Some(quote(schema, kind.dialect().quote))
    }

    /// A statement with the names of tables in place of `$tables`, `$events` and so on. On PostgreSQL, `$next_token` is an
    /// expression that takes the next token, and `$skip_tokens` the function that leaps over tokens. `$1` stays.
    pub(in crate::store) fn expand<'s>(&self, kind: DatabaseKind, sql: &'s str) -> Cow<'s, str> {
        let mut expanded = String::new();
        // What comes before this place of the statement is in `expanded`.
        let (mut copied, mut from) = (0, 0);
        while let Some(dollar) = sql[from..].find('$').map(|at| from + at) {
            let behind = &sql[dollar + 1..];
            let end = behind.find(|letter: char| !matches!(letter, 'a'..='z' | '_'));
            let name = &behind[..end.unwrap_or(behind.len())];
            from = dollar + 1 + name.len();
            if name.is_empty() {
                continue;
            }
            if let Some(full) = self.meaning(kind, name) {
                expanded.push_str(&sql[copied..dollar]);
                expanded.push_str(&full);
                copied = from;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(sql);
        }
        expanded.push_str(&sql[copied..]);
        Cow::Owned(expanded)
    }

    fn meaning(&self, kind: DatabaseKind, name: &str) -> Option<String> {
        match name {
            NEXT_TOKEN if kind.is_postgres() => Some(self.table(kind, name) + "()"),
            SKIP_TOKENS if kind.is_postgres() => Some(self.table(kind, name)),
            _ => {
                let known = table(name).is_some();
                debug_assert!(known, "${name} is not a bookkeeping table of {kind}");
                known.then(|| self.table(kind, name))
            }
        }
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

fn no_nul(what: &'static str, name: &str) -> Result<(), PlacementError> {
    match name.contains('\0') {
        true => Err(PlacementError::Nul { what }),
        false => Ok(()),
    }
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
