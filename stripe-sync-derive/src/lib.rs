//! The derive macro of `stripe-sync`. Use it from there: `stripe_sync::StripeSync`.
//!
//! A derive reads in this order: the shape of the item, its attributes (`attr`), the model that decides every name and
//! looks up every path in Stripe's schema (`model`), the rules (`check`), the code (`expand`). Every mistake is
//! collected, so that all of them are shown at once.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

mod attr;
mod case;
mod check;
mod ctxt;
mod database;
mod expand;
mod filter;
mod model;
mod path;
mod shape;
mod symbol;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::ctxt::Ctxt;
use crate::database::Database;
use crate::model::Model;

#[doc = include_str!("docs/reference.md")]
#[doc = "```text"]
#[doc = include_str!("docs/small.rs")]
#[doc = "```"]
#[doc = "</details>"]
#[proc_macro_derive(StripeSync, attributes(stripe))]
pub fn derive(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let enabled: Vec<Database> = Database::ALL
        .into_iter()
        .filter(|database| database.enabled())
        .collect();
    expansion(&input, &enabled).into()
}

/// The implementation, or every mistake as a `compile_error!`.
fn expansion(input: &DeriveInput, enabled: &[Database]) -> TokenStream {
    let cx = Ctxt::default();
    let Some(fields) = shape::named_fields(&cx, input) else {
        return cx.compile_errors();
    };
    let model = Model::new(&cx, &input.ident, &input.attrs, fields, enabled);
    check::model(&cx, &model);
    if cx.count() == 0 {
        return expand::model(&model);
    }
    let mut out = cx.compile_errors();
    out.extend(expand::fallback(&model.krate, model.ident));
    out
}
