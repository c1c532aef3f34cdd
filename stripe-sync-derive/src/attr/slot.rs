//! The place of one attribute's value, which takes it once.

use proc_macro2::{Ident, Span};

use crate::ctxt::Ctxt;

/// An attribute's value and the word that set it, or nothing.
pub(crate) struct Slot<T> {
    set: Option<(Ident, T)>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { set: None }
    }
}

impl<T> Slot<T> {
    /// Takes the value; a second one is a mistake.
    pub(crate) fn set(&mut self, cx: &Ctxt, name: &Ident, value: T) {
        if self.set.is_some() {
            cx.error(name.span(), format!("`{name}` is here twice"));
        } else {
            self.set = Some((name.clone(), value));
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.set.as_ref().map(|(_, value)| value)
    }

    /// Whether the attribute is there.
    pub(crate) fn is_set(&self) -> bool {
        self.set.is_some()
    }

    /// The word that set the value.
    pub(crate) fn name(&self) -> Option<&Ident> {
        self.set.as_ref().map(|(name, _)| name)
    }

    /// Where the word stands, or `otherwise`.
    pub(crate) fn span_or(&self, otherwise: Span) -> Span {
        self.name().map_or(otherwise, Ident::span)
    }
}
