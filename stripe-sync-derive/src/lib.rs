//! The derive macro of `stripe-sync`.

/// Mirrors a Stripe resource.
#[proc_macro_derive(StripeSync, attributes(stripe))]
pub fn derive(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    proc_macro::TokenStream::new()
}
