//! Calls of the functions that the user named.
//!
//! A hook is called as it is, so a plain function serves as well as an `async` one and its future keeps its own type. The call
//! stands at the path, so that a function with another signature is one error there.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use super::{located, option, place};
use crate::database::Database;
use crate::model::Model;

/// `hook(path, ..).call().finish("name").await?`.
fn attempt(path: &Path, name: &str, first: TokenStream) -> TokenStream {
    let at = place(path);
    let (first, name) = (located(first, at), located(quote!(#name), at));
    quote_spanned!(at=> __p::hook(#path, #first, __context).call().finish(#name).await?)
}

/// `|parameters| Box::pin(async move { .. })`
fn future(path: &Path, parameters: TokenStream, body: &TokenStream) -> TokenStream {
    let at = place(path);
    let parameters = located(parameters, at);
    quote_spanned! {at=>
        |#parameters| ::std::boxed::Box::pin(async move {
            #[allow(unused_imports)]
            use __p::{Pending as _, Sharing as _, Uncallable as _, Unfit as _};
            #body
        })
    }
}

/// The mapping with `pre_set_default`, `set_default` and `post_set_default`.
pub(super) fn map_hooks(model: &Model<'_>) -> TokenStream {
    let (krate, ident, attrs) = (&model.krate, model.ident, &model.attrs);
    let at = place(ident);
    let (pre, set, post) = (
        attrs.pre_set_default.get(),
        attrs.set_default.get(),
        attrs.post_set_default.get(),
    );
    let Some(first) = pre.or(set).or(post) else {
        return option(None::<TokenStream>, at);
    };
    let statement = |path: &Path, name, first| {
        let call = attempt(path, name, first);
        quote_spanned!(place(path)=> #call;)
    };
    let pre = pre.map(|path| statement(path, "pre_set_default", quote!(&mut *__object)));
    let row = match set {
        Some(path) => attempt(path, "set_default", quote!(&*__object)),
        None => quote_spanned! {at=>
            <#ident as #krate::StripeSync>::from_stripe(__object, __context)?
        },
    };
    let mutable = post.map(|path| quote_spanned!(place(path)=> mut));
    let post = post.map(|path| statement(path, "post_set_default", quote!(&mut __row)));
    let body = quote_spanned! {at=>
        #pre
        let #mutable __row: #ident = #row;
        #post
        ::core::result::Result::Ok(__p::hooked_row(__row, __object, __context)?)
    };
    option(Some(future(first, quote!(__object, __context), &body)), at)
}

/// The `sync` hook, for the database that the model names, or for every one.
pub(super) fn sync(model: &Model<'_>) -> TokenStream {
    let at = place(model.ident);
    let Some(path) = model.attrs.sync.get() else {
        return option(None::<TokenStream>, at);
    };
    let variant = match model.attrs.database.get() {
        None => "Any",
        Some(Database::Sqlite) => "Sqlite",
        Some(Database::Postgres) => "Postgres",
        Some(Database::MySql) => "MySql",
    };
    let variant = Ident::new(variant, at);
    let here = place(path);
    let body = quote_spanned!(here=> __p::hook(#path, __object, __cx).sync().finish("sync").await);
    let future = future(path, quote!(__object, __cx), &body);
    option(
        Some(quote_spanned!(at=> __p::SyncHook::#variant(#future))),
        at,
    )
}

/// The `after_commit` hook.
pub(super) fn after_commit(model: &Model<'_>) -> TokenStream {
    let (krate, ident, at) = (&model.krate, model.ident, place(model.ident));
    let Some(path) = model.attrs.after_commit.get() else {
        return option(None::<TokenStream>, at);
    };
    let call = attempt(path, "after_commit", quote!(__change));
    let body = quote_spanned! {at=>
        let __change = #krate::Change::<#ident>::from_cells(__cells, __context.origin())?;
        #call;
        ::core::result::Result::Ok(())
    };
    option(Some(future(path, quote!(__cells, __context), &body)), at)
}
