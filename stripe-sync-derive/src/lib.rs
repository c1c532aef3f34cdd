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
mod fault;
mod filter;
mod model;
mod path;
mod runtime;
mod shape;
mod symbol;
mod written;

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
    fault::guarded(&input, |input| expansion(input, &enabled)).into()
}

/// The implementation, or every mistake as a `compile_error!` beside an implementation that is never run.
fn expansion(input: &DeriveInput, enabled: &[Database]) -> TokenStream {
    Ctxt::collect(
        |cx| {
            let fields = shape::named_fields(cx, input)?;
            let model = Model::new(cx, &input.ident, &input.attrs, fields, enabled);
            check::model(cx, &model);
            Some(model)
        },
        |model, is_sound| match model {
            Some(model) if is_sound => expand::model(&model),
            Some(model) => expand::fallback(model.krate.as_ref(), input),
            None => expand::fallback(runtime::path_of_item(input).as_ref(), input),
        },
    )
}
