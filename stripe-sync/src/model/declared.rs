//! What a struct says of its table beside the columns: references, indexes, comments, children and the parent.

pub(in crate::model) mod assertions;

use std::fmt;

use crate::model::children::{Children, ParentColumn};
use crate::model::stand_ins::StandIns;
use crate::model::{Model, OnDelete, Parts, Sql};

pub use assertions::{Held, holds, mirrors};

/// What a struct says of its table beside the columns. Most structs have none, and share [`NONE`](Self::NONE).
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// The columns that hold ids of another model's objects.
    pub references: &'static [Reference],
    /// The indexes, those of references too.
    pub indexes: &'static [Index],
    /// The comment of the table.
    pub comment: Option<&'static str>,
    /// Comments of columns, by the place of the column in the struct.
    pub comments: &'static [(usize, &'static str)],
    /// The slots that hold those of several members, for functions that get several, and which these are.
    pub members: &'static [(u16, &'static [u16])],
    /// The lists whose elements are rows of other models.
    pub children: &'static [Children],
    /// The column with the id of the parent.
    pub parent: Option<ParentColumn>,
    /// The places of columns whose values no message shows.
    pub redacted: &'static [usize],
    /// The models that stand in for those that the struct names. No struct says so: a registry does.
    pub stand_ins: Option<&'static StandIns>,
}

impl Declared {
    /// That of a struct that says nothing of the kind.
    pub const NONE: Self = Self {
        references: &[],
        indexes: &[],
        comment: None,
        comments: &[],
        members: &[],
        children: &[],
        parent: None,
        redacted: &[],
        stand_ins: None,
    };

    /// Whether a column's texts need a limited length on a database that wants one of texts in a key: ids, and what is
    /// compared as a whole because it is unique.
    pub(crate) fn bounds(&self, column: usize) -> bool {
        let is_unique = |index: &Index| index.unique && index.columns.contains(&column);
        let mut references = self.references.iter();
        references.any(|reference| reference.column == column) || self.indexes.iter().any(is_unique)
    }

    /// Whether no message shows a column's values.
    pub(crate) fn is_redacted(&self, column: usize) -> bool {
        self.redacted.contains(&column)
    }

    /// The comment of a column.
    pub(crate) fn comment_of(&self, column: usize) -> Option<&'static str> {
        let mut comments = self.comments.iter();
        comments
            .find(|(place, _)| *place == column)
            .map(|(_, comment)| *comment)
    }
}

/// A column that holds ids of another model's objects.
pub struct Reference {
    /// The place of the column in the struct.
    pub column: usize,
    /// The other model. A function, because models refer to each other in circles.
    pub model: fn() -> &'static Model,
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reference")
            .field("column", &self.column)
            .field("model", &(self.model)().name())
            .finish()
    }
}

/// An index over columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// The places of its columns in the struct, in the order of the index.
    pub columns: &'static [usize],
    /// Whether no two rows have the same values.
    pub unique: bool,
}

/// The model of a struct with a mistake, whose program does not compile.
pub static BROKEN: Model = Model {
    parts: Parts {
        name: "",
        object: "",
        schema: None,
        namespace: None,
        table: "",
        columns: &[],
        declared: Declared::NONE,
        paths: &[],
        slots: 0,
        filters: &[],
        expand: &[],
        on_delete: OnDelete::Soft,
        unversioned: false,
        fingerprint: 0,
        sql: Sql {
            sqlite: None,
            postgres: None,
            mysql: None,
        },
        map_hooks: None,
        sync: None,
        after_commit: None,
    },
};
