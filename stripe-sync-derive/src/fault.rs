//! A fault of the macro itself: a panic in this crate, its syntax tree or the schema.
//!
//! It becomes one error, which asks for a report, beside an implementation that is never run: the compiler and an editor go on
//! with a struct that is derived, and do not report every place that uses it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{expand, runtime};

/// What `expand` returns for the item, or the error of the fault that it met.
pub(crate) fn guarded(
    input: &DeriveInput,
    expand: impl FnOnce(&DeriveInput) -> TokenStream,
) -> TokenStream {
    match catch_unwind(AssertUnwindSafe(|| expand(input))) {
        Ok(code) => code,
        Err(fault) => report(input, fault.as_ref()),
    }
}

fn report(input: &DeriveInput, fault: &(dyn Any + Send)) -> TokenStream {
    let said = fault
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| fault.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let message = format!(
        "StripeSync failed: {said}. This is a fault of stripe-sync {}, not of `{}`: please report it together with the struct, {}/issues",
        env!("CARGO_PKG_VERSION"),
        input.ident,
        env!("CARGO_PKG_REPOSITORY"),
    );
    let mut out = syn::Error::new(input.ident.span(), message).to_compile_error();
    // What has failed once may fail again.
    let beside = catch_unwind(AssertUnwindSafe(|| {
        expand::fallback(runtime::path_of_item(input).as_ref(), input)
    }));
    out.extend(beside.unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_fault_asks_for_a_report_and_leaves_the_struct_usable() {
        let source = r#"
#[stripe(object = "customer", table = "customers", crate = mirror)]
struct Customer { id: String }
"#;
        let input: syn::DeriveInput = syn::parse_str(source).unwrap();
        for text in [
            guarded(&input, |_| panic!("slot 7 of 5")),
            guarded(&input, |input| {
                panic!("slot {} of 5", input.attrs.len() + 6)
            }),
        ] {
            let text = text.to_string();
            assert_eq!(text.matches("compile_error").count(), 1);
            assert!(
                text.contains("StripeSync failed: slot 7 of 5. This is a fault of stripe-sync")
            );
            assert!(text.contains("/issues"));
            assert!(
                text.contains("impl mirror :: StripeSync for Customer"),
                "{text}"
            );
        }
    }
}
