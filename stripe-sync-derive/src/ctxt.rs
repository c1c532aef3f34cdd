//! The errors of one derive, collected so that a struct with several mistakes shows all of them at once.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The error sink of one derive. Only [`Ctxt::collect`] makes one, and it emits what was reported: no caller can forget it.
pub(crate) struct Ctxt {
    errors: RefCell<Vec<syn::Error>>,
}

impl Ctxt {
    /// Reads something with a sink, then emits code for it, which is told whether nothing was reported. Every error that was
    /// reported stands before that code as a `compile_error!`.
    pub(crate) fn collect<T>(
        read: impl FnOnce(&Self) -> T,
        emit: impl FnOnce(T, bool) -> TokenStream,
    ) -> TokenStream {
        let cx = Self {
            errors: RefCell::default(),
        };
        let read = read(&cx);
        let errors = cx.errors.into_inner();
        let code = emit(read, errors.is_empty());
        let mut out: TokenStream = errors.iter().map(syn::Error::to_compile_error).collect();
        out.extend(code);
        out
    }

    /// A mistake at one token.
    pub(crate) fn error(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// A mistake that several tokens make.
    pub(crate) fn error_spanned(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake that syn has found, or that already has its place.
    pub(crate) fn push(&self, error: syn::Error) {
        self.errors.borrow_mut().push(error);
    }

    /// How many mistakes there are so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().len()
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use quote::quote;

    use super::Ctxt;

    #[test]
    fn what_was_reported_stands_before_the_code() {
        let text = Ctxt::collect(
            |cx| {
                cx.error(Span::call_site(), "one");
                cx.error(Span::call_site(), "two");
                cx.count()
            },
            |count, sound| {
                assert_eq!((count, sound), (2, false));
                quote!(
                    struct Code;
                )
            },
        );
        let text = text.to_string();
        let place = |part: &str| text.find(part).unwrap();
        assert!(place("one") < place("two") && place("two") < place("struct Code"));
        let sound = Ctxt::collect(|_| (), |(), sound| quote!(#sound));
        assert_eq!(sound.to_string(), "true");
    }
}
