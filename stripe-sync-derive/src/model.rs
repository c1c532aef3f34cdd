//! The struct as the checks and the code generation see it: every name decided, every path looked up.

pub(crate) mod comment;
pub(crate) mod element;
mod field;
pub(crate) mod parent;
pub(crate) mod schema;

use proc_macro2::Ident;
use stripe_sync_schema::{Resource, catalogue};
use syn::Attribute;

use crate::attr::ContainerAttrs;
use crate::ctxt::Ctxt;
use crate::database::Database;
use crate::path::Path;
use crate::runtime;
use element::Element;
use parent::Parent;

pub(crate) use field::{Field, Member};
pub(crate) use schema::Schema;

/// What a deletion at Stripe does to the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    Soft,
    Hard,
}

impl OnDelete {
    /// Words that mean one of them, its own word, and why.
    pub(crate) const OTHER_WORDS: [(&str, &str, &str); 6] = [
        ("cascade", "hard", ", which removes the row"),
        ("delete", "hard", ", which removes the row"),
        ("ignore", "soft", ", which keeps the row"),
        ("keep", "soft", ", which keeps the row"),
        ("mark", "soft", ", which keeps the row"),
        ("remove", "hard", ", which removes the row"),
    ];
}

/// What a column is for; the names are those of the runtime's `Role`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Id,
    Account,
    Livemode,
    Parent,
    Position,
    Mapped,
    Raw,
    SyncedAt,
    DeletedAt,
    Local,
    /// The rows of another table, and no column: the runtime has no such role.
    Children,
}

impl Role {
    /// Whether a mapped row holds a cell for the column.
    pub(crate) const fn is_written(self) -> bool {
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

/// A derived struct.
pub(crate) struct Model<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attrs: ContainerAttrs,
    /// The path of the runtime crate; `None` if the package does not depend on it.
    pub(crate) krate: Option<syn::Path>,
    /// Stripe's name for the resource; empty if the struct does not say.
    pub(crate) object: String,
    /// The resource, if there is one of this name.
    pub(crate) resource: Option<&'static Resource>,
    /// The array of which it mirrors the elements, if it is such a struct.
    pub(crate) element: Option<Element>,
    /// The first paragraph of the struct's documentation.
    pub(crate) comment: Option<String>,
    pub(crate) schema: Option<String>,
    /// A schema or a prefix of the table's name, as the database has it; beside no schema.
    pub(crate) namespace: Option<String>,
    pub(crate) table: String,
    /// The databases whose features are on.
    pub(crate) enabled: Vec<Database>,
    /// The databases whose statements are written.
    pub(crate) databases: Vec<Database>,
    pub(crate) on_delete: OnDelete,
    /// Those with a column, in the order of the struct.
    pub(crate) fields: Vec<Field<'a>>,
    /// Those with `children`, whose rows are in tables of their own.
    pub(crate) children: Vec<Field<'a>>,
}

impl<'a> Model<'a> {
    /// Decides every name and looks up every path. Mistakes in the form of attributes are reported here, those in what
    /// they say by the checks.
    pub(crate) fn new(
        cx: &Ctxt,
        ident: &'a Ident,
        attrs: &[Attribute],
        fields: impl IntoIterator<Item = (&'a Ident, &'a syn::Field)>,
        enabled: &[Database],
    ) -> Self {
        let comment = comment::of(attrs);
        let attrs = ContainerAttrs::read(cx, attrs);
        let object = attrs
            .object
            .get()
            .map(syn::LitStr::value)
            .unwrap_or_default();
        let table = attrs
            .table
            .get()
            .map(syn::LitStr::value)
            .unwrap_or_default();
        let (schema, table) = match table.split_once('.') {
            Some((schema, table)) => (Some(schema.to_owned()), table.to_owned()),
            None => (None, table),
        };
        let fields = fields
            .into_iter()
            .map(|(ident, field)| Field::new(cx, ident, field, &attrs));
        let (children, fields) = fields.partition(|field| field.role == Role::Children);
        let element = Element::of(&object);
        let mut model = Self {
            ident,
            krate: runtime::path(&attrs, ident),
            resource: catalogue::resource(&object),
            object,
            comment,
            schema,
            namespace: attrs.namespace.get().map(syn::LitStr::value),
            table,
            enabled: enabled.to_vec(),
            databases: match attrs.database.get() {
                Some(only) => vec![*only],
                None => enabled.to_vec(),
            },
            on_delete: attrs.on_delete.get().copied().unwrap_or(
                if attrs.unversioned.is_set() || element.is_some() {
                    OnDelete::Hard
                } else {
                    OnDelete::Soft
                },
            ),
            attrs,
            element,
            fields,
            children,
        };
        model.look_up();
        model.find_key();
        model
    }

    fn look_up(&mut self) {
        if !self.is_known() {
            return;
        }
        let paths = self.fields.iter().map(|field| match field.role {
            Role::Parent => parent::path(self, field),
            _ => field.path.clone(),
        });
        let paths: Vec<Option<Path>> = paths.collect();
        for (field, path) in self.fields.iter_mut().zip(paths) {
            field.path = path;
        }
        for field in self.fields.iter_mut().chain(&mut self.children) {
            if field.is_sound {
                field.look_up(&self.object, &self.attrs);
            }
        }
    }

    /// Whether Stripe has such objects.
    pub(crate) fn is_known(&self) -> bool {
        self.resource.is_some() || self.element.is_some()
    }

    /// Whether the table has no bookkeeping columns.
    pub(crate) fn is_unversioned(&self) -> bool {
        self.attrs.unversioned.is_set() || self.element.is_some()
    }

    /// The column with the id of the parent, its place, and the object that the parent is.
    pub(crate) fn parent(&self) -> Option<(usize, &Field<'a>, Parent)> {
        let mut fields = self.fields.iter().enumerate();
        let (position, field) = fields.find(|(_, field)| field.role == Role::Parent)?;
        Some((position, field, Parent::of(self, field)))
    }

    /// The key is the field marked `id`; without one, the field that reads the object's `id`.
    fn find_key(&mut self) {
        if self.element.is_some() || self.fields.iter().any(|field| field.role == Role::Id) {
            return;
        }
        if let Some(key) = self.fields.iter_mut().find(|field| field.reads_id()) {
            key.role = Role::Id;
        }
    }

    /// The first field of a role.
    pub(crate) fn role(&self, role: Role) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.role == role)
    }

    /// The place of the field with this name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The fields that a sync writes, in the order of a row's cells.
    pub(crate) fn written(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(|field| field.role.is_written())
    }

    /// What requests name in `expand`: the longest paths, each of which asks for what it leads through.
    pub(crate) fn expand(&self) -> Vec<String> {
        let of_fields = self.fields.iter().chain(&self.children);
        let of_fields = of_fields.flat_map(Field::places);
        let of_fields = of_fields.flat_map(|(_, _, expansions)| expansions);
        let of_fields = of_fields.map(|one| one.path.clone());
        let of_struct = self.attrs.expanded.iter().map(Path::without_indexes);
        let mut all: Vec<String> = of_fields.chain(of_struct).collect();
        all.sort_unstable();
        all.dedup();
        let leads_through = |longer: &String, path: &str| {
            let rest = longer.strip_prefix(path);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let is_longest = |path: &&String| !all.iter().any(|other| leads_through(other, path));
        all.iter().filter(is_longest).cloned().collect()
    }

    /// Whether rows are read back into the struct.
    pub(crate) fn reads_back(&self) -> bool {
        self.attrs.after_commit.is_set()
    }
}
