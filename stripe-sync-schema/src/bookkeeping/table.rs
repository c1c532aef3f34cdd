//! What a bookkeeping table is, on no particular database.

/// A bookkeeping table.
#[derive(Debug)]
pub struct Table {
    /// The name without the prefix, as `$name` in a statement has it.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [Column],
    /// The columns of the primary key.
    pub(super) key: &'static [&'static str],
    pub(super) indexes: &'static [Index],
    /// Whether PostgreSQL writes nothing of it to its log: a crash of the server empties it.
    pub(super) unlogged: bool,
}

/// A column of a bookkeeping table.
#[derive(Debug)]
pub struct Column {
    /// The name, which needs no quotation marks.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// What stands behind its type: whether it may be null, and what it holds after an INSERT that does not name it.
    pub(super) constraint: &'static str,
    /// What the database computes it from, in SQLite, PostgreSQL and MySQL; `None` if it is written.
    pub(super) computed: Option<[&'static str; 3]>,
    /// Whether tables of this version may lack it: it was added since, and who does not know it need not.
    pub(super) added: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// The key of a table that has one row: the number 1.
    One,
    /// The name of a mirrored table, with its schema.
    TableName,
    /// Text that a key may have: an account, an id, a name. MySQL keeps 255 characters.
    Key,
    /// Stripe's name of a resource.
    Object,
    /// A word of stripe-sync's own. MySQL keeps 64 characters.
    ShortText,
    /// Two keys and some words, as one text.
    Lane,
    /// Text of any length.
    Text,
    /// A number, or a moment in milliseconds or seconds since 1970.
    Integer,
    /// A flag.
    Boolean,
    /// Bytes of any length.
    Bytes,
    /// The primary key, a number that the database gives at the insert.
    Sequence,
}

/// An index besides the primary key.
#[derive(Debug)]
pub(super) struct Index {
    /// The name without the prefix.
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    /// A column of which MySQL's index has only the beginning, and how many characters those are.
    pub(super) beginning: Option<(&'static str, u32)>,
}

impl Table {
    pub(super) const fn new(
        name: &'static str,
        key: &'static [&'static str],
        columns: &'static [Column],
    ) -> Self {
        Self {
            name,
            columns,
            key,
            indexes: &[],
            unlogged: false,
        }
    }

    pub(super) const fn indexed(self, indexes: &'static [Index]) -> Self {
        Self { indexes, ..self }
    }

    pub(super) const fn unlogged(self) -> Self {
        Self {
            unlogged: true,
            ..self
        }
    }
}

impl Column {
    /// Whether the database computes it from others, and nobody writes it.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        self.computed.is_some()
    }

    /// Whether tables of this version may lack it, until a program that knows it adds it.
    #[must_use]
    pub fn is_added(&self) -> bool {
        self.added
    }

    /// A column that each INSERT names, or whose number the database gives.
    pub(super) const fn given(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, " NOT NULL")
    }

    /// A column that may be null.
    pub(super) const fn nullable(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, "")
    }

    /// The key of a table that has one row. That it is the key keeps it from being null.
    pub(super) const fn one() -> Self {
        Self::new("one", Type::One, "")
    }

    /// A number that begins with 0.
    pub(super) const fn zero(name: &'static str) -> Self {
        Self::new(name, Type::Integer, " NOT NULL DEFAULT 0")
    }

    /// A text that begins empty. MySQL allows no such default for [`Type::Text`].
    pub(super) const fn empty(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, " NOT NULL DEFAULT ''")
    }

    /// A flag that begins as false.
    pub(super) const fn unset(name: &'static str) -> Self {
        Self::new(name, Type::Boolean, " NOT NULL DEFAULT FALSE")
    }

    /// A column that the database computes from others of the row, so that an index can have it; its expressions are those of
    /// SQLite, PostgreSQL and MySQL.
    pub(super) const fn computed(
        name: &'static str,
        kind: Type,
        expressions: [&'static str; 3],
    ) -> Self {
        Self {
            computed: Some(expressions),
            added: true,
            ..Self::new(name, kind, "")
        }
    }

    /// The same column, which tables of this version may lack.
    pub(super) const fn added(self) -> Self {
        Self {
            added: true,
            ..self
        }
    }

    const fn new(name: &'static str, kind: Type, constraint: &'static str) -> Self {
        Self {
            name,
            kind,
            constraint,
            computed: None,
            added: false,
        }
    }
}
