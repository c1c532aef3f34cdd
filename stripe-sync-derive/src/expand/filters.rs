//! The parameters of the list, and where in the object the members are that they are compared with.

use proc_macro2::TokenStream;
use quote::quote;
use stripe_sync_schema::FilterSort;

use super::paths::{Slots, number};
use crate::filter;
use crate::model::Model;

/// The elements of `filters: &[...]`.
pub(super) fn filters(model: &Model<'_>, slots: &Slots) -> Vec<TokenStream> {
    let sent = filter::sent(model).into_iter().enumerate();
    let filter = |(index, sent): (usize, filter::Sent)| {
        let (param, value) = (&sent.param, &sent.value);
        let sort = match sent.sort {
            FilterSort::Member => {
                let slot = number(slots.filter(index));
                quote!(Member(#slot))
            }
            FilterSort::List => quote!(List),
            FilterSort::All => quote!(All),
        };
        quote! {
            __p::Filter { param: #param, value: #value, sort: __p::FilterSort::#sort }
        }
    };
    sent.map(filter).collect()
}
