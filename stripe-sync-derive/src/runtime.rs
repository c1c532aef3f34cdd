//! The path of the runtime crate in generated code.

use proc_macro_crate::{Error, FoundCrate, crate_name};
use proc_macro2::{Ident, Span};
use syn::{Attribute, Path, parse_quote};

use crate::attr::ContainerAttrs;
use crate::ctxt::Ctxt;

/// The runtime's name as a package.
const PACKAGE: &str = "stripe-sync";

/// The path that `crate = ...` names; otherwise under the name that Cargo.toml gives the runtime. `None` if Cargo.toml has it
/// under no name.
pub(crate) fn path(attrs: &ContainerAttrs) -> Option<Path> {
    if let Some(written) = attrs.krate.get() {
        return Some(written.clone());
    }
    match crate_name(PACKAGE) {
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, Span::call_site());
            Some(parse_quote!(::#name))
        }
        // What Cargo.toml lacks is not there if Cargo compiles the package. Other build systems keep their dependencies elsewhere.
        Err(Error::CrateNotFound { .. }) if std::env::var_os("CARGO").is_some() => None,
        // The runtime's own documentation, or no Cargo.toml to read.
        Ok(FoundCrate::Itself) | Err(_) => Some(parse_quote!(::stripe_sync)),
    }
}

/// The same for an item of which nothing is read yet. Mistakes in its attributes are not reported.
pub(crate) fn path_of_item(attrs: &[Attribute]) -> Option<Path> {
    let mut found = None;
    let _ = Ctxt::collect(
        |cx| found = path(&ContainerAttrs::read(cx, attrs)),
        |(), _| proc_macro2::TokenStream::new(),
    );
    found
}
