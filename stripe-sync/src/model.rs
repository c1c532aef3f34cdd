//! What the derive implements: the trait, and the descriptor that the runtime works on.
//!
//! Everything that waits, batches or talks to a database works on a `&'static` [`Model`], so it is compiled once and
//! not once for each struct. Only a thin shell knows the user's type.
pub(crate) mod children;
pub(crate) mod content;
pub(crate) mod context;
pub(crate) mod declared;
pub(crate) mod field;
pub(crate) mod filter;
pub mod hooks;
pub(crate) mod load_order;
pub(crate) mod mapping;
pub(crate) mod registry;
pub(crate) mod stand_ins;
pub(crate) mod table_name;
pub(crate) mod words;

use std::fmt;

use stripe_sync_schema::table::Statements;

use crate::cell::{Cell, CellType};
use crate::object::StripeObject;
use crate::object::paths::Node;
use context::Context;
use declared::Declared;
use field::MapSlot;
use hooks::{AfterCommit, MapHooks, SyncHook};
use mapping::MapError;
use table_name::TableName;

/// A struct whose table mirrors a Stripe resource. Derive it: `#[derive(StripeSync)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not mirror a Stripe resource",
    label = "add #[derive(StripeSync)] to `{Self}`"
)]
pub trait StripeSync: Sized + Send + Sync + 'static {
    /// What the runtime knows of the struct and its table.
    const MODEL: &'static Model;

    /// The generated mapping. A `set_default` hook that only adds to it calls this first.
    ///
    /// # Errors
    /// When a value of the object does not fit its field; the error names the column, the path and the reason.
    fn from_stripe(object: &StripeObject, context: &Context) -> Result<Self, MapError>;

    /// The row's written columns as cells, in the order of [`Model::written`].
    #[doc(hidden)]
    fn into_cells(self) -> Vec<Cell<'static>>;
}

/// A model whose rows are read back from the table, which an `after_commit` hook needs.
#[doc(hidden)]
pub trait ReadBack: StripeSync {
    /// The row from all its columns, in the order of the struct's fields.
    ///
    /// # Errors
    /// When a column holds another type than its field.
    #[doc(hidden)]
    fn from_cells(cells: Vec<Cell<'static>>) -> Result<Self, MapError>;
}

/// What the runtime knows of a derived struct. Made by the derive only.
#[derive(Debug)]
pub struct Model {
    #[doc(hidden)]
    pub parts: Parts,
}

/// The parts of a [`Model`], as the derive writes them.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// The struct's name.
    pub name: &'static str,
    /// Stripe's name for the resource.
    pub object: &'static str,
    /// The table's schema (PostgreSQL) or database (MySQL), if the user named one.
    pub schema: Option<&'static str>,
    /// The table's namespace, if the user named one: a schema on PostgreSQL, and a prefix of the table's name elsewhere.
    pub namespace: Option<&'static str>,
    /// The table's name.
    pub table: &'static str,
    /// Every field in the order of the struct.
    pub columns: &'static [Column],
    /// What the struct says of its table beside the columns.
    pub declared: Declared,
    /// The paths to read.
    pub paths: &'static [Node],
    /// How many slots the paths fill, the fixed ones included.
    pub slots: usize,
    /// Parameters for the resource's list that the user set, in one order however they were written.
    pub filters: &'static [Filter],
    /// What requests name in `expand`: `items.data.price.product`.
    pub expand: &'static [&'static str],
    /// What a deletion at Stripe does to the row.
    pub on_delete: OnDelete,
    /// Whether the table has no bookkeeping columns.
    pub unversioned: bool,
    /// Changes whenever the mapping changes, so that every row is written again.
    pub fingerprint: u64,
    /// The statements of each enabled database.
    pub sql: Sql,
    /// The mapping hooks, if any is named.
    pub map_hooks: Option<MapHooks>,
    /// The `sync` hook, if it is named.
    pub sync: Option<SyncHook>,
    /// The `after_commit` hook, if it is named.
    pub after_commit: Option<AfterCommit>,
}

/// A parameter of the resource's list.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// As Stripe writes it: `recurring[interval]`.
    pub param: &'static str,
    /// Its value.
    pub value: &'static str,
    /// Who decides which objects it lets through.
    pub sort: FilterSort,
}

/// Who decides which objects a filter lets through.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterSort {
    /// The object itself: the value of the member in this slot.
    Member(u16),
    /// The list alone.
    List,
    /// Nobody: it lets every object through.
    All,
}

/// The statements of a model for each database that was enabled when the derive ran.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Sql {
    pub sqlite: Option<Statements>,
    pub postgres: Option<Statements>,
    pub mysql: Option<Statements>,
}

/// What a deletion at Stripe does to the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDelete {
    /// The row stays and its deletion time is set.
    Soft,
    /// The row is removed, and a tombstone keeps a late write from bringing it back.
    Hard,
}

/// One field of a model.
pub struct Column {
    /// The column's name in the table.
    pub name: &'static str,
    /// The field's name in the struct.
    pub field: &'static str,
    /// The path in Stripe's object as the user would write it; empty for columns that do not come from it.
    pub path: &'static str,
    /// What the column is for.
    #[doc(hidden)]
    pub role: Role,
    /// The type of its cells; `None` for a local column whose type only the user's `sql_type` knows.
    pub cell: Option<CellType>,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether sqlx ends the type's moments with `Z` where a database keeps them as texts.
    pub zulu: bool,
    /// The column's SQL type, if the user set one.
    pub sql_type: Option<&'static str>,
    /// The slot it is read from; 0 for columns that do not come from Stripe.
    pub slot: u16,
    /// Slot to cell.
    #[doc(hidden)]
    pub map: &'static dyn MapSlot,
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column")
            .field("name", &self.name)
            .field("field", &self.field)
            .field("path", &self.path)
            .field("role", &self.role)
            .field("cell", &self.cell)
            .field("nullable", &self.nullable)
            .field("sql_type", &self.sql_type)
            .finish_non_exhaustive()
    }
}

/// What a column is for.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The object's id, always part of the key.
    Id,
    /// The account the row belongs to, part of the key.
    Account,
    /// The mode the row belongs to, part of the key.
    Livemode,
    /// The id of the object in whose list it stands.
    Parent,
    /// Its place in the parent's list, from 0: with the parent it is the key of what has no id.
    Position,
    /// A value of the object.
    Mapped,
    /// The whole object.
    Raw,
    /// When the row was last written: for people, it decides nothing.
    SyncedAt,
    /// When the object was found deleted.
    DeletedAt,
    /// The application's own: in no INSERT and no UPDATE.
    Local,
}

impl Role {
    /// Whether a mapped row holds a cell for the column.
    pub const fn is_written(self) -> bool {
        matches!(
            self,
            Self::Id
                | Self::Account
                | Self::Livemode
                | Self::Parent
                | Self::Position
                | Self::Mapped
                | Self::Raw
        )
    }
}

impl Model {
    /// The struct's name.
    pub const fn name(&self) -> &'static str {
        self.parts.name
    }

    /// Stripe's name for the resource, for example `customer`.
    pub const fn object(&self) -> &'static str {
        self.parts.object
    }

    /// The table as the user named it, for example `billing.customers`; `stripe.customers` if it is in a namespace, whose place
    /// depends on the database: see [`TableName::on`](TableName::on).
    pub fn table(&self) -> String {
        TableName::of(self).to_string()
    }

    /// What a deletion at Stripe does to a row.
    pub const fn on_delete(&self) -> OnDelete {
        self.parts.on_delete
    }

    /// What requests name in `expand`, without the `data` of a list: `items.data.price.product`. Empty for most models.
    pub const fn expand(&self) -> &'static [&'static str] {
        self.parts.expand
    }

    /// Every column, in the order of the struct's fields.
    pub const fn columns(&self) -> &'static [Column] {
        self.parts.columns
    }

    /// The columns that a sync writes, in the order of a mapped row's cells.
    pub fn written(&self) -> impl Iterator<Item = &'static Column> {
        self.parts
            .columns
            .iter()
            .filter(|column| column.role.is_written())
    }

    /// The columns whose values are ids of another model's objects, each with that model, by `#[stripe(references = ...)]`.
    pub fn references(&self) -> impl Iterator<Item = (&'static str, &'static Model)> {
        let (columns, references) = (self.parts.columns, self.parts.declared.references);
        let references = references.iter();
        references.filter_map(|reference| {
            let column = columns.get(reference.column)?;
            Some((column.name, self.resolved((reference.model)())))
        })
    }

    /// Whether it is the same model: a constant may have several addresses.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let key = |model: &Self| (model.parts.name, model.parts.fingerprint);
        key(self) == key(other)
            && self.parts.table == other.parts.table
            && self.parts.schema == other.parts.schema
            && self.parts.namespace == other.parts.namespace
    }

    /// The column of a role, if the struct has one.
    #[doc(hidden)]
    pub fn role(&self, role: Role) -> Option<&'static Column> {
        self.parts.columns.iter().find(|column| column.role == role)
    }
}
