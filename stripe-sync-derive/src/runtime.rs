//! The path of the runtime crate in generated code.

use std::path::Path as File;

use proc_macro_crate::{Error, FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use syn::{DeriveInput, Path, parse_quote_spanned};

use crate::attr::ContainerAttrs;
use crate::ctxt::Ctxt;

/// The runtime's name as a package.
const PACKAGE: &str = "stripe-sync";

/// The path that `crate = ...` names; otherwise under the name that Cargo.toml gives the runtime. `None` if Cargo.toml has it
/// under no name. What nobody has written is at the struct's name.
pub(crate) fn path(attrs: &ContainerAttrs, ident: &Ident) -> Option<Path> {
    if let Some(written) = attrs.krate.get() {
        return Some(written.clone());
    }
    let at = ident.span().resolved_at(Span::call_site());
    // `crate_name` runs cargo to find the workspace, 100 ms on a busy machine: only if the name is another one.
    if manifest().is_some_and(|manifest| has_its_own_name(&manifest)) {
        return Some(parse_quote_spanned!(at=> ::stripe_sync));
    }
    path_of(crate_name(PACKAGE), std::env::var_os("CARGO").is_some(), at)
}

/// The same for an item of which nothing is read yet. Mistakes in its attributes are not reported.
pub(crate) fn path_of_item(input: &DeriveInput) -> Option<Path> {
    let mut found = None;
    let _ = Ctxt::collect(
        |cx| found = path(&ContainerAttrs::read(cx, &input.attrs), &input.ident),
        |(), _| TokenStream::new(),
    );
    found
}

fn manifest() -> Option<String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")?;
    std::fs::read_to_string(File::new(&package).join("Cargo.toml")).ok()
}

/// Whether a manifest has a dependency on the runtime under the runtime's own name.
fn has_its_own_name(manifest: &str) -> bool {
    manifest.lines().any(|line| {
        let header = line
            .trim()
            .strip_suffix(']')
            .and_then(|header| header.rsplit_once("dependencies.").map(|(_, name)| name));
        let name = header.or_else(|| line.split(['=', '.']).next());
        name.is_some_and(|name| name.trim() == PACKAGE) && !line.contains("package")
    })
}

fn path_of(found: Result<FoundCrate, Error>, is_cargo: bool, at: Span) -> Option<Path> {
    match found {
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, at);
            Some(parse_quote_spanned!(at=> ::#name))
        }
        // What Cargo.toml lacks is not there if Cargo compiles the package. Other build systems keep their dependencies elsewhere.
        Err(Error::CrateNotFound { .. }) if is_cargo => None,
        // The runtime's own documentation, or no Cargo.toml to read.
        Ok(FoundCrate::Itself) | Err(_) => Some(parse_quote_spanned!(at=> ::stripe_sync)),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro_crate::{Error, FoundCrate};
    use proc_macro2::Span;
    use quote::ToTokens as _;

    use super::{has_its_own_name, path_of};

    #[test]
    fn the_name_in_the_manifest_is_the_path() {
        let missing = || Error::CrateNotFound {
            crate_name: "stripe-sync".to_owned(),
            path: "Cargo.toml".into(),
        };
        let path = |found, is_cargo| {
            path_of(found, is_cargo, Span::call_site())
                .map(|path| path.to_token_stream().to_string())
        };
        let usual = Some(":: stripe_sync".to_owned());
        let name = FoundCrate::Name("mirror".to_owned());
        assert_eq!(path(Ok(name), true), Some(":: mirror".to_owned()));
        assert_eq!(path(Ok(FoundCrate::Itself), true), usual);
        assert_eq!(path(Err(missing()), true), None);
        assert_eq!(path(Err(missing()), false), usual);
        assert_eq!(path(Err(Error::CargoManifestDirNotSet), true), usual);
    }

    #[test]
    fn a_manifest_with_the_own_name_needs_no_search() {
        for manifest in [
            "stripe-sync = \"0.1\"",
            "stripe-sync={ version = \"0.1\" }",
            "stripe-sync.workspace = true",
            "[dependencies.stripe-sync]",
            "[target.'cfg(unix)'.dependencies.stripe-sync]",
        ] {
            assert!(
                has_its_own_name(&format!("[dependencies]\n{manifest}\n")),
                "{manifest}"
            );
        }
        for manifest in [
            "mirror = { package = \"stripe-sync\", version = \"0.1\" }",
            "mirror.workspace = true",
            "stripe-sync-cli = \"0.1\"",
            "# stripe-sync = \"0.1\"",
            "stripe-sync = { package = \"another\", version = \"1\" }",
            "[dependencies.mirror]",
        ] {
            assert!(
                !has_its_own_name(&format!("[dependencies]\n{manifest}\n")),
                "{manifest}"
            );
        }
    }
}
