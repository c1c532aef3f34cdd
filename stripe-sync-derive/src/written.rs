//! Types as they are written. The macro sees names and not what they stand for, so it only judges those that nobody gives to
//! another type.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// Types that are no derived struct, whatever a crate calls its own.
pub(crate) const PLAIN: [&str; 16] = [
    "BTreeMap", "Box", "DateTime", "Decimal", "HashMap", "Json", "String", "Value", "bool", "f64",
    "i16", "i32", "i64", "u16", "u32", "u8",
];

/// The last part of a type's path.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// The inside of an `Option`.
pub(crate) fn option(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty)?;
    (last.ident == "Option").then(|| argument(&last.arguments))?
}

/// The inside of a `Vec`.
pub(crate) fn vec(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty)?;
    (last.ident == "Vec" && count(&last.arguments) == 1).then(|| argument(&last.arguments))?
}

/// The first type argument.
pub(crate) fn argument(arguments: &PathArguments) -> Option<&Type> {
    match arguments {
        PathArguments::AngleBracketed(list) => {
            list.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// How many arguments there are, lifetimes too.
pub(crate) fn count(arguments: &PathArguments) -> usize {
    match arguments {
        PathArguments::AngleBracketed(list) => list.args.len(),
        _ => 0,
    }
}

/// Whether a type, or the inside of its `Option`, has one of these last names.
pub(crate) fn is_named(ty: &Type, names: &[&str]) -> bool {
    last_segment(option(ty).unwrap_or(ty))
        .is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// Whether the type is one that fits a reader of the runtime's `field` module as soon as it is an `Option`.
pub(crate) fn lacks_only_option(reader: &str, ty: &Type) -> bool {
    const TEXT: &[&str] = &["Box", "String"];
    let fit: &[&str] = match reader {
        "text" | "word" | "reference" => TEXT,
        "integer" => &["i16", "i32", "i64", "i8", "u16", "u32", "u8"],
        "unix_time" => &["DateTime", "OffsetDateTime", "i64"],
        "decimal" => &["Box", "Decimal", "String"],
        "float" => &["Decimal", "f64"],
        "boolean" => &["bool"],
        "json" => &["BTreeMap", "HashMap", "Json", "Value", "Vec"],
        "unchecked" => &[
            "BTreeMap",
            "Box",
            "DateTime",
            "Decimal",
            "HashMap",
            "Json",
            "OffsetDateTime",
            "String",
            "Value",
            "Vec",
            "bool",
            "f64",
            "i16",
            "i32",
            "i64",
            "i8",
            "u16",
            "u32",
            "u8",
        ],
        // Readers whose bound is about the type that the user wrote.
        _ => return true,
    };
    last_segment(ty).is_some_and(|last| fit.iter().any(|name| last.ident == name))
}
