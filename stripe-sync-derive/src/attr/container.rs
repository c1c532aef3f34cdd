//! The attributes of the struct.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Attribute, LitStr, Path};

use super::foreign;
use super::index::IndexAttr;
use super::items::{Words, each, each_item, unknown};
use super::parameter::Parameter;
use super::slot::Slot;
use super::value;
use crate::case::Case;
use crate::ctxt::Ctxt;
use crate::database::Database;
use crate::model::OnDelete;
use crate::path::Path as MemberPath;
use crate::symbol::{
    AFTER_COMMIT, CONTAINER, CRATE, DATABASE, EXPANDED, FIELD, FILTER, INDEXES, NAMESPACE, OBJECT,
    ON_DELETE, POST_SET_DEFAULT, PRE_SET_DEFAULT, RENAME_ALL, SET_DEFAULT, SYNC, TABLE, UNGUARDED,
    UNIQUE,
};

const WORDS: Words = Words {
    known: CONTAINER,
    elsewhere: (FIELD, "a field, not on the struct"),
    foreign: foreign::CONTAINER,
};

/// What `#[stripe(...)]` on the struct says.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) object: Slot<LitStr>,
    pub(crate) table: Slot<LitStr>,
    pub(crate) namespace: Slot<LitStr>,
    pub(crate) database: Slot<Database>,
    pub(crate) rename_all: Slot<Case>,
    pub(crate) filters: Vec<Parameter>,
    /// What requests name in `expand`.
    pub(crate) expanded: Vec<MemberPath>,
    /// Those of `index(..)` and `unique(..)`, in the order in which they are written.
    pub(crate) indexes: Vec<IndexAttr>,
    pub(crate) on_delete: Slot<OnDelete>,
    pub(crate) unversioned: Slot<()>,
    pub(crate) krate: Slot<Path>,
    pub(crate) pre_set_default: Slot<Path>,
    pub(crate) set_default: Slot<Path>,
    pub(crate) post_set_default: Slot<Path>,
    pub(crate) sync: Slot<Path>,
    pub(crate) after_commit: Slot<Path>,
    /// Whether every attribute could be read.
    pub(crate) is_whole: bool,
}

impl ContainerAttrs {
    /// Reads the struct's attributes.
    pub(crate) fn read(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut out = Self::default();
        let before = cx.count();
        let example = format!("{}, {}", OBJECT.form, TABLE.form);
        each(cx, attrs, &example, |name, input| out.item(cx, name, input));
        out.is_whole = cx.count() == before;
        out
    }

    fn item(&mut self, cx: &Ctxt, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        if *name == OBJECT {
            self.object
                .set(cx, name, value::string(name, input, OBJECT)?);
        } else if *name == TABLE {
            self.table.set(cx, name, value::string(name, input, TABLE)?);
        } else if *name == NAMESPACE {
            let namespace = value::string(name, input, NAMESPACE)?;
            self.namespace.set(cx, name, namespace);
        } else if *name == DATABASE {
            let words = Database::ALL.map(|database| (database.word(), database));
            let database = value::word(name, input, DATABASE, &words, &Database::OTHER_WORDS)?;
            self.database.set(cx, name, database);
        } else if *name == RENAME_ALL {
            let text = value::string(name, input, RENAME_ALL)?;
            self.rename_all.set(cx, name, Case::parse(&text)?);
        } else if *name == FILTER {
            self.filter(cx, name, input)?;
        } else if *name == EXPANDED {
            self.expand(cx, name, input)?;
        } else if *name == INDEXES {
            self.indexes
                .push(IndexAttr::parse(cx, name, input, INDEXES)?);
        } else if *name == UNIQUE {
            self.indexes
                .push(IndexAttr::parse(cx, name, input, UNIQUE)?);
        } else if *name == ON_DELETE {
            let words = [("soft", OnDelete::Soft), ("hard", OnDelete::Hard)];
            let on_delete = value::word(name, input, ON_DELETE, &words, &OnDelete::OTHER_WORDS)?;
            self.on_delete.set(cx, name, on_delete);
        } else if *name == UNGUARDED {
            value::flag(input, UNGUARDED)?;
            self.unversioned.set(cx, name, ());
        } else if *name == CRATE {
            self.krate
                .set(cx, name, value::crate_path(name, input, CRATE)?);
        } else if let Some((slot, symbol)) = self.hook(name) {
            slot.set(cx, name, value::function(name, input, symbol)?);
        } else {
            return Err(unknown(name, &WORDS, input));
        }
        Ok(())
    }

    fn hook(&mut self, name: &Ident) -> Option<(&mut Slot<Path>, crate::symbol::Symbol)> {
        Some(match () {
            () if *name == PRE_SET_DEFAULT => (&mut self.pre_set_default, PRE_SET_DEFAULT),
            () if *name == SET_DEFAULT => (&mut self.set_default, SET_DEFAULT),
            () if *name == POST_SET_DEFAULT => (&mut self.post_set_default, POST_SET_DEFAULT),
            () if *name == SYNC => (&mut self.sync, SYNC),
            () if *name == AFTER_COMMIT => (&mut self.after_commit, AFTER_COMMIT),
            () => return None,
        })
    }

    /// `expand(latest_charge, items.data.price)`
    fn expand(&mut self, cx: &Ctxt, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let inside = value::in_parentheses(name, input, EXPANDED)?;
        each_item(cx, &inside, |input| {
            if input.peek(LitStr) {
                let message = "write the path without quotes, as in `expand(latest_charge)`";
                return Err(syn::Error::new(input.span(), message));
            }
            let path = MemberPath::parse(input)?;
            if let Some(index) = path.first_index() {
                let named = path.without_indexes();
                let message =
                    format!("`expand` asks for all elements: write `{named}` without an index");
                return Err(syn::Error::new(index, message));
            }
            if self
                .expanded
                .iter()
                .any(|known| known.to_string() == path.to_string())
            {
                let message = format!("`{path}` is here twice");
                return Err(syn::Error::new(path.span(), message));
            }
            self.expanded.push(path);
            Ok(())
        })
    }

    /// `filter(status = "active", recurring.interval = "month", ids = ["prod_1"])`
    fn filter(&mut self, cx: &Ctxt, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let inside = value::in_parentheses(name, input, FILTER)?;
        let example = FILTER.form;
        each_item(cx, &inside, |input| {
            let parameter = Parameter::parse(input, example)?;
            if self
                .filters
                .iter()
                .any(|known| known.name == parameter.name)
            {
                let message = format!("the filter `{}` is here twice", parameter.name);
                return Err(syn::Error::new(parameter.name_span, message));
            }
            self.filters.push(parameter);
            Ok(())
        })
    }
}
