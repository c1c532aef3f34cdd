//! The words by which the values of a report's enum are printed.

/// Implements `Display` of an enum whose variants have nothing in them.
macro_rules! words {
    ($enum:ident: $($variant:ident $words:literal),* $(,)?) => {
        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // With the width that is asked for, as in the columns of a table.
                f.pad(match self {
                    $(Self::$variant => $words,)*
                })
            }
        }
    };
}
pub(crate) use words;
