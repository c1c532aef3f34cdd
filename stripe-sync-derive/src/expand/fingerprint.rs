//! A number that changes whenever the mapping changes, so that a sync writes every row again.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::field::reader;
use crate::model::{Field, Model};

/// The parameters of FNV-1a with 64 bits (RFC 9923).
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The form in which the runtime writes cells, so that another form writes every row again. 2: SQLite's moments are texts.
const FORMAT: u8 = 2;

/// The fingerprint of everything that decides what a row holds. The names of the struct and of its fields do not.
pub(super) fn of(model: &Model<'_>) -> u64 {
    let mut hash = Hash(OFFSET);
    hash.bytes(&[FORMAT]);
    hash.text(&model.object);
    for field in model.written() {
        hash.field(field);
    }
    // Only where there are any: the fingerprints of all others stay.
    for path in model.expand() {
        hash.text(&path);
    }
    for field in &model.children {
        hash.text("children");
        hash.text(&field.name);
        hash.text(&field.path_text());
    }
    if let Some((_, _, parent)) = model.parent() {
        hash.text(parent.resource().map_or("", |resource| resource.object));
    }
    let attrs = &model.attrs;
    for hook in [
        &attrs.pre_set_default,
        &attrs.set_default,
        &attrs.post_set_default,
        &attrs.sync,
    ] {
        hash.tokens(hook.get());
    }
    hash.0
}

struct Hash(u64);

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    /// Text and its end, so that two texts are not one.
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
    }

    /// Tokens without spaces: where a compiler prints those may change.
    fn tokens(&mut self, tokens: Option<impl ToTokens>) {
        let tokens: Option<TokenStream> = tokens.map(ToTokens::into_token_stream);
        let text = tokens.map(|tokens| tokens.to_string()).unwrap_or_default();
        self.text(&text.split_whitespace().collect::<String>());
    }

    fn field(&mut self, field: &Field<'_>) {
        let (function, mode) = reader(field);
        self.text(&field.column);
        self.text(&format!(
            "{:?} {function} {mode:?} {}",
            field.role,
            field.may_be_null()
        ));
        self.text(&field.path_text());
        self.text(
            &field
                .attrs
                .sql_type
                .get()
                .map(syn::LitStr::value)
                .unwrap_or_default(),
        );
        self.tokens(Some(field.ty));
        self.tokens(field.attrs.with.get().map(|with| &with.function));
        self.bytes(&[u8::from(field.attrs.default.is_set())]);
        self.tokens(field.attrs.default.get().and_then(Option::as_ref));
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, OFFSET};

    #[test]
    fn it_is_fnv_1a() {
        let mut hash = Hash(OFFSET);
        hash.bytes(b"foobar");
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }
}
