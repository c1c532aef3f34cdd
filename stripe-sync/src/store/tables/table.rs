//! What a bookkeeping table is, on no particular database.

/// A bookkeeping table.
#[derive(Debug)]
pub(super) struct Table {
    /// The name without the prefix, as `$name` in a statement has it.
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    /// The columns of the primary key.
    pub(super) key: &'static [&'static str],
    pub(super) indexes: &'static [Index],
    /// Whether PostgreSQL writes nothing of it to its log: a crash of the server empties it.
    pub(super) unlogged: bool,
}

/// A column of a bookkeeping table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) absent: Absent,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
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
    /// Text of any length.
    Text,
    /// A number, or a moment in milliseconds or seconds since 1970.
    Integer,
    Boolean,
    Bytes,
    /// The primary key, a number that the database gives at the insert.
    Sequence,
}

/// What a column holds after an INSERT that does not name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// Such an INSERT is refused, or the database gives the number.
    Refused,
    /// Nothing: the column may be null.
    Null,
    Zero,
    EmptyText,
    False,
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

impl Column {
    /// A column that each INSERT names.
    pub(super) const fn given(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, Absent::Refused)
    }

    /// A column that may be null.
    pub(super) const fn nullable(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, Absent::Null)
    }

    /// The key of a table that has one row. That it is the key keeps it from being null.
    pub(super) const fn one() -> Self {
        Self::new("one", Type::One, Absent::Null)
    }

    /// A number that begins with 0.
    pub(super) const fn zero(name: &'static str) -> Self {
        Self::new(name, Type::Integer, Absent::Zero)
    }

    /// A text that begins empty. MySQL allows no such default for [`Type::Text`].
    pub(super) const fn empty(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, Absent::EmptyText)
    }

    /// A flag that begins as false.
    pub(super) const fn unset(name: &'static str) -> Self {
        Self::new(name, Type::Boolean, Absent::False)
    }

    const fn new(name: &'static str, kind: Type, absent: Absent) -> Self {
        Self { name, kind, absent }
    }
}
