//! The struct as the checks and the code generation see it: every name decided, every path looked up.

pub(crate) mod comment;
pub(crate) mod schema;

use proc_macro2::{Ident, Span};
use stripe_sync_schema::fields::Expansion;
use stripe_sync_schema::{Kind, Resolved, Resource, catalogue};
use syn::ext::IdentExt;
use syn::{Attribute, Type};

use crate::attr::{ContainerAttrs, FieldAttrs};
use crate::ctxt::Ctxt;
use crate::database::Database;
use crate::path::Path;
use crate::runtime;
use schema::LookUp;

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
    Mapped,
    Raw,
    SyncedAt,
    DeletedAt,
    Local,
}

impl Role {
    /// Whether a mapped row holds a cell for the column.
    pub(crate) const fn is_written(self) -> bool {
        matches!(
            self,
            Self::Id | Self::Account | Self::Livemode | Self::Mapped | Self::Raw
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
    /// The first paragraph of the struct's documentation.
    pub(crate) comment: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
    /// The databases whose features are on.
    pub(crate) enabled: Vec<Database>,
    /// The databases whose statements are written.
    pub(crate) databases: Vec<Database>,
    pub(crate) on_delete: OnDelete,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of a derived struct.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) attrs: FieldAttrs,
    /// The first paragraph of the field's documentation.
    pub(crate) comment: Option<String>,
    /// The field's name without `r#`.
    pub(crate) name: String,
    pub(crate) column: String,
    pub(crate) role: Role,
    /// Where the value stands in the object; `None` for what does not come from it.
    pub(crate) path: Option<Path>,
    pub(crate) schema: Schema,
    /// What requests have to name in `expand`, so that the value is there.
    pub(crate) expansions: Vec<Expansion>,
    /// The members that a function gets, if it gets several, and what the schema says of each; then there is no path.
    pub(crate) members: Vec<Member>,
    /// Whether the field's own attributes are free of mistakes; rules look no further where they are not.
    pub(crate) is_sound: bool,
}

/// A member that a function gets.
pub(crate) struct Member {
    pub(crate) path: Path,
    pub(crate) schema: Schema,
    /// As those of a field.
    pub(crate) expansions: Vec<Expansion>,
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
            .map(|(ident, field)| Field::new(cx, ident, field, &attrs))
            .collect();
        let mut model =
            Self {
                ident,
                krate: runtime::path(&attrs, ident),
                resource: catalogue::resource(&object),
                object,
                comment,
                schema,
                table,
                enabled: enabled.to_vec(),
                databases: match attrs.database.get() {
                    Some(only) => vec![*only],
                    None => enabled.to_vec(),
                },
                on_delete: attrs.on_delete.get().copied().unwrap_or(
                    if attrs.unversioned.is_set() {
                        OnDelete::Hard
                    } else {
                        OnDelete::Soft
                    },
                ),
                attrs,
                fields,
            };
        model.look_up();
        model.find_key();
        model
    }

    fn look_up(&mut self) {
        if self.resource.is_none() {
            return;
        }
        for field in &mut self.fields {
            if field.is_sound {
                field.look_up(&self.object, &self.attrs);
            }
        }
    }

    /// The key is the field marked `id`; without one, the field that reads the object's `id`.
    fn find_key(&mut self) {
        if self.fields.iter().any(|field| field.role == Role::Id) {
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
        let of_fields = self.fields.iter().flat_map(Field::places);
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

impl<'a> Field<'a> {
    fn new(cx: &Ctxt, ident: &'a Ident, field: &'a syn::Field, container: &ContainerAttrs) -> Self {
        let attrs = FieldAttrs::read(cx, &field.attrs);
        let name = ident.unraw().to_string();
        let role = role(&attrs);
        let column = match attrs.column.get() {
            Some(column) => column.value(),
            None => match container.rename_all.get() {
                Some(case) => case.apply(&name),
                None => name.clone(),
            },
        };
        let with = attrs.with.get().map_or(&[][..], |with| &with.members);
        let path = match role {
            Role::Mapped if with.len() > 1 => None,
            Role::Id => Some(Path::of_field("id".to_owned(), ident.span())),
            // One member is as good as a path.
            Role::Mapped => Some(match attrs.path.get().or(with.first()) {
                Some(path) => path.clone(),
                None => Path::of_field(name.clone(), ident.span()),
            }),
            _ => None,
        };
        let members = match path {
            None if role == Role::Mapped => with.to_vec(),
            _ => Vec::new(),
        };
        let members = members.into_iter().map(|path| Member {
            path,
            schema: Schema::Unasked,
            expansions: Vec::new(),
        });
        let members = members.collect();
        let is_sound = attrs.is_whole && crate::check::attributes_agree(cx, &attrs);
        Self {
            ident,
            ty: &field.ty,
            attrs,
            comment: comment::of(&field.attrs),
            name,
            column,
            role,
            path,
            schema: Schema::Unasked,
            expansions: Vec::new(),
            members,
            is_sound,
        }
    }

    fn look_up(&mut self, object: &str, container: &ContainerAttrs) {
        let how = LookUp {
            object,
            unchecked: self.attrs.unchecked.is_set(),
            whole: self.attrs.expand.is_set(),
            expanded: &container.expanded,
        };
        if let Some(path) = &self.path {
            (self.schema, self.expansions) = how.schema(path);
        }
        for member in &mut self.members {
            (member.schema, member.expansions) = how.schema(&member.path);
        }
    }

    /// Its path, or those of the members that its function gets, with what was found of each.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&Path, &Schema, &[Expansion])> {
        let own = self.path.iter();
        let own = own.map(|path| (path, &self.schema, &*self.expansions));
        let members = self.members.iter();
        own.chain(members.map(|member| (&member.path, &member.schema, &*member.expansions)))
    }

    /// Whether the field reads the object's id as text.
    pub(crate) fn reads_id(&self) -> bool {
        self.is_sound
            && self.path.as_ref().is_some_and(|path| path.is_key("id"))
            && !self.attrs.with.is_set()
            && !self.attrs.json.is_set()
            && !self.attrs.unchecked.is_set()
    }

    /// Its path, or those of the members that its function gets.
    pub(crate) fn path_text(&self) -> String {
        let own = self.path.iter();
        let paths = own.chain(self.members.iter().map(|member| &member.path));
        paths
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Whether its paths stand in `with(...)`.
    pub(crate) fn names_members(&self) -> bool {
        let with = self.attrs.with.get();
        with.is_some_and(|with| !with.members.is_empty())
    }

    /// What the schema says of the value, if the field has a path and it was found.
    pub(crate) fn known(&self) -> Option<&Resolved> {
        match &self.schema {
            Schema::Known(found) if !self.attrs.unchecked.is_set() => Some(found),
            Schema::Known(_) | Schema::Unasked | Schema::Wrong(_) | Schema::Unexpanded(_) => None,
        }
    }

    /// Whether the value may be null or absent and nothing stands in for it.
    pub(crate) fn may_be_null(&self) -> bool {
        let empty = match &self.schema {
            Schema::Known(found) => found.nullable || found.optional,
            // The schema promises nothing for what it was not asked about.
            Schema::Unasked => self.attrs.unchecked.is_set(),
            Schema::Wrong(_) | Schema::Unexpanded(_) => false,
        };
        empty && !self.attrs.default.is_set()
    }

    /// Whether the type is written as an `Option`: null fits it, also where the schema promises a value.
    pub(crate) fn is_option(&self) -> bool {
        let syn::Type::Path(path) = self.ty else {
            return false;
        };
        let last = path.path.segments.last();
        self.role == Role::Mapped
            && !self.attrs.default.is_set()
            && last.is_some_and(|last| last.ident == "Option")
    }

    /// The value's kind; any JSON where the schema was not asked.
    pub(crate) fn kind(&self) -> Kind {
        self.known().map_or(Kind::Json, |found| found.kind)
    }

    /// The place of the column's name.
    pub(crate) fn column_span(&self) -> Span {
        match self.attrs.column.get() {
            Some(column) => column.span(),
            None => self.ident.span(),
        }
    }
}

fn role(attrs: &FieldAttrs) -> Role {
    let roles = [
        (&attrs.id, Role::Id),
        (&attrs.raw, Role::Raw),
        (&attrs.account, Role::Account),
        (&attrs.livemode, Role::Livemode),
        (&attrs.synced_at, Role::SyncedAt),
        (&attrs.deleted_at, Role::DeletedAt),
        (&attrs.local, Role::Local),
    ];
    roles
        .iter()
        .find(|(slot, _)| slot.is_set())
        .map_or(Role::Mapped, |(_, role)| *role)
}
