//! Calls of the functions that the user named.
//!
//! A hook is called by its path, so a plain function serves as well as an `async` one and its future keeps its own type.
//! What the call expects stands at the path, so that a function with another signature is an error there.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::option;
use crate::database::Database;
use crate::model::Model;

/// `Called(hook(..)).finish("name").await`.
fn call(path: &Path, name: &str, first: TokenStream, second: &TokenStream) -> TokenStream {
    let span = path.span().resolved_at(Span::call_site());
    // The first argument is the one that a hook can get wrong. With both of them there, the compiler would offer to
    // take the path away where a function has only one parameter.
    let first: TokenStream = first
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect();
    quote_spanned!(span=> __p::Called(#path(#first, #second)).finish(#name).await)
}

/// The call, whose error ends the hook.
fn attempt(path: &Path, name: &str, first: TokenStream, second: &TokenStream) -> TokenStream {
    let span = path.span().resolved_at(Span::call_site());
    let call = call(path, name, first, second);
    quote_spanned!(span=> #call?)
}

/// `|parameters| Box::pin(async move { .. })`
fn future(path: &Path, parameters: &TokenStream, body: &TokenStream) -> TokenStream {
    let span = path.span().resolved_at(Span::call_site());
    quote_spanned! {span=>
        |#parameters| ::std::boxed::Box::pin(async move {
            #[allow(unused_imports)]
            use __p::{Pending as _, Unfit as _};
            #body
        })
    }
}

/// The mapping with `pre_set_default`, `set_default` and `post_set_default`.
pub(super) fn map_hooks(model: &Model<'_>) -> TokenStream {
    let (krate, ident, attrs) = (&model.krate, model.ident, &model.attrs);
    let (pre, set, post) = (
        attrs.pre_set_default.get(),
        attrs.set_default.get(),
        attrs.post_set_default.get(),
    );
    let Some(first) = pre.or(set).or(post) else {
        return option(None::<TokenStream>);
    };
    let pre = pre.map(|path| {
        let call = attempt(
            path,
            "pre_set_default",
            quote!(&mut *__object),
            &quote!(__context),
        );
        quote!(#call;)
    });
    let row = match set {
        Some(path) => attempt(path, "set_default", quote!(&*__object), &quote!(__context)),
        None => quote!(<#ident as #krate::StripeSync>::from_stripe(__object, __context)?),
    };
    let mutable = post.map(|_| quote!(mut));
    let post = post.map(|path| {
        let call = attempt(
            path,
            "post_set_default",
            quote!(&mut __row),
            &quote!(__context),
        );
        quote!(#call;)
    });
    let body = quote! {
        #pre
        let #mutable __row: #ident = #row;
        #post
        ::core::result::Result::Ok(__p::hooked_row(__row, __object, __context)?)
    };
    option(Some(future(first, &quote!(__object, __context), &body)))
}

/// The `sync` hook, which knows its database.
pub(super) fn sync(model: &Model<'_>) -> TokenStream {
    let (Some(path), Some(database)) = (model.attrs.sync.get(), model.attrs.database.get()) else {
        return option(None::<TokenStream>);
    };
    let variant = match database {
        Database::Sqlite => "Sqlite",
        Database::Postgres => "Postgres",
        Database::MySql => "MySql",
    };
    let variant = Ident::new(variant, Span::call_site());
    let span = path.span().resolved_at(Span::call_site());
    let body = quote_spanned!(span=> __p::synced(#path, __object, __cx).finish("sync").await);
    let future = future(path, &quote!(__object, __cx), &body);
    option(Some(quote!(__p::SyncHook::#variant(#future))))
}

/// The `after_commit` hook.
pub(super) fn after_commit(model: &Model<'_>) -> TokenStream {
    let (krate, ident) = (&model.krate, model.ident);
    let Some(path) = model.attrs.after_commit.get() else {
        return option(None::<TokenStream>);
    };
    let call = attempt(path, "after_commit", quote!(__change), &quote!(__context));
    let body = quote! {
        let __change = #krate::Change::<#ident>::from_cells(__cells, __context.origin())?;
        #call;
        ::core::result::Result::Ok(())
    };
    option(Some(future(path, &quote!(__cells, __context), &body)))
}
