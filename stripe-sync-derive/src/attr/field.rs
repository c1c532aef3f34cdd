//! The attributes of a field.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, LitStr, Token};

use super::foreign;
use super::items::{Words, each, unknown};
use super::slot::Slot;
use super::value;
use super::with::With;
use crate::ctxt::Ctxt;
use crate::path::Path;
use crate::symbol::{
    ACCOUNT, CHILDREN, COLUMN, CONTAINER, DEFAULT, DELETED_AT, EXPAND, FIELD, ID, INDEX, JSON,
    LIVEMODE, LOCAL, PARENT, PARSE, PATH, POSITION, RAW, REDACT, REFERENCES, SQL_TYPE, SYNCED_AT,
    Symbol, UNCHECKED, WITH,
};

const WORDS: Words = Words {
    known: FIELD,
    elsewhere: (CONTAINER, "the struct, not on a field"),
    foreign: foreign::FIELD,
};

/// What `#[stripe(...)]` on a field says.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) path: Slot<Path>,
    pub(crate) column: Slot<LitStr>,
    pub(crate) id: Slot<()>,
    pub(crate) raw: Slot<()>,
    pub(crate) json: Slot<()>,
    pub(crate) local: Slot<()>,
    /// `default`, and the expression of `default = expression`.
    pub(crate) default: Slot<Option<Expr>>,
    pub(crate) with: Slot<With>,
    pub(crate) parse: Slot<()>,
    pub(crate) sql_type: Slot<LitStr>,
    pub(crate) unchecked: Slot<()>,
    pub(crate) expand: Slot<()>,
    /// The derived struct whose ids stand here.
    pub(crate) references: Slot<syn::Path>,
    pub(crate) index: Slot<()>,
    pub(crate) redact: Slot<()>,
    pub(crate) children: Slot<()>,
    /// `parent`, and the object of `parent = "object"`.
    pub(crate) parent: Slot<Option<LitStr>>,
    pub(crate) position: Slot<()>,
    pub(crate) account: Slot<()>,
    pub(crate) livemode: Slot<()>,
    pub(crate) synced_at: Slot<()>,
    pub(crate) deleted_at: Slot<()>,
    /// Whether every attribute could be read.
    pub(crate) is_whole: bool,
}

impl FieldAttrs {
    /// Reads the field's attributes.
    pub(crate) fn read(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut out = Self::default();
        let before = cx.count();
        each(cx, attrs, PATH.form, |name, input| {
            out.item(cx, name, input)
        });
        out.is_whole = cx.count() == before;
        out
    }

    fn item(&mut self, cx: &Ctxt, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        if *name == PATH {
            value::equals(name, input, PATH)?;
            self.path.set(cx, name, Path::parse(input)?);
        } else if *name == COLUMN {
            self.column
                .set(cx, name, value::string(name, input, COLUMN)?);
        } else if *name == DEFAULT {
            let expression = if input.peek(Token![=]) {
                Some(value::parsed(name, input, DEFAULT)?)
            } else {
                value::flag(input, DEFAULT).map_err(|error| {
                    syn::Error::new(error.span(), format!("write `{}`", DEFAULT.form))
                })?;
                None
            };
            self.default.set(cx, name, expression);
        } else if *name == PARENT {
            let object = if input.peek(Token![=]) {
                Some(value::string(name, input, PARENT)?)
            } else {
                value::flag(input, PARENT).map_err(|error| {
                    syn::Error::new(error.span(), format!("write `{}`", PARENT.form))
                })?;
                None
            };
            self.parent.set(cx, name, object);
        } else if *name == WITH {
            self.with.set(cx, name, With::parse(cx, name, input)?);
        } else if *name == REFERENCES {
            let model = value::model(name, input, REFERENCES)?;
            self.references.set(cx, name, model);
        } else if *name == SQL_TYPE {
            let text = value::string(name, input, SQL_TYPE)?;
            self.sql_type.set(cx, name, text);
        } else if let Some(symbol) = FIELD.iter().find(|symbol| *name == **symbol)
            && let Some(slot) = self.flag(*symbol)
        {
            value::flag(input, *symbol)?;
            slot.set(cx, name, ());
        } else {
            return Err(unknown(name, &WORDS, input));
        }
        Ok(())
    }

    fn flag(&mut self, symbol: Symbol) -> Option<&mut Slot<()>> {
        Some(match symbol {
            ID => &mut self.id,
            RAW => &mut self.raw,
            JSON => &mut self.json,
            LOCAL => &mut self.local,
            PARSE => &mut self.parse,
            UNCHECKED => &mut self.unchecked,
            EXPAND => &mut self.expand,
            INDEX => &mut self.index,
            REDACT => &mut self.redact,
            CHILDREN => &mut self.children,
            POSITION => &mut self.position,
            ACCOUNT => &mut self.account,
            LIVEMODE => &mut self.livemode,
            SYNCED_AT => &mut self.synced_at,
            DELETED_AT => &mut self.deleted_at,
            _ => return None,
        })
    }

    /// The word that set an attribute, if it is set.
    pub(crate) fn word(&self, symbol: Symbol) -> Option<&Ident> {
        match symbol {
            PATH => self.path.name(),
            COLUMN => self.column.name(),
            ID => self.id.name(),
            RAW => self.raw.name(),
            JSON => self.json.name(),
            LOCAL => self.local.name(),
            DEFAULT => self.default.name(),
            WITH => self.with.name(),
            PARSE => self.parse.name(),
            SQL_TYPE => self.sql_type.name(),
            UNCHECKED => self.unchecked.name(),
            EXPAND => self.expand.name(),
            REFERENCES => self.references.name(),
            INDEX => self.index.name(),
            REDACT => self.redact.name(),
            CHILDREN => self.children.name(),
            PARENT => self.parent.name(),
            POSITION => self.position.name(),
            ACCOUNT => self.account.name(),
            LIVEMODE => self.livemode.name(),
            SYNCED_AT => self.synced_at.name(),
            DELETED_AT => self.deleted_at.name(),
            _ => None,
        }
    }
}
