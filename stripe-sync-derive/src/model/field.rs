//! A field of a derived struct.

use proc_macro2::{Ident, Span};
use stripe_sync_schema::fields::Expansion;
use stripe_sync_schema::{Kind, Resolved};
use syn::Type;
use syn::ext::IdentExt;

use super::schema::LookUp;
use super::{Role, Schema, comment};
use crate::attr::{ContainerAttrs, FieldAttrs};
use crate::ctxt::Ctxt;
use crate::path::Path;

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

impl<'a> Field<'a> {
    pub(super) fn new(
        cx: &Ctxt,
        ident: &'a Ident,
        field: &'a syn::Field,
        container: &ContainerAttrs,
    ) -> Self {
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
            Role::Mapped | Role::Children => Some(match attrs.path.get().or(with.first()) {
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

    pub(super) fn look_up(&mut self, object: &str, container: &ContainerAttrs) {
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
        // Within the parent's list a parent is always there.
        empty && !self.attrs.default.is_set() && self.role != Role::Parent
    }

    /// Whether the type is written as an `Option`: null fits it, also where the schema promises a value.
    pub(crate) fn is_option(&self) -> bool {
        let syn::Type::Path(path) = self.ty else {
            return false;
        };
        let last = path.path.segments.last();
        matches!(self.role, Role::Mapped | Role::Parent)
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
        (&attrs.position, Role::Position),
    ];
    if attrs.children.is_set() {
        return Role::Children;
    }
    if attrs.parent.is_set() {
        return Role::Parent;
    }
    roles
        .iter()
        .find(|(slot, _)| slot.is_set())
        .map_or(Role::Mapped, |(_, role)| *role)
}
