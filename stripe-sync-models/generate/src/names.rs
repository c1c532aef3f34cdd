//! Names of tables and columns.

/// The plural of the last word of a name in snake case: `tax_ids`, `entries`, `statuses`.
pub(crate) fn plural(name: &str) -> String {
    match name {
        _ if name.ends_with("ss") || name.ends_with("us") || name.ends_with('x') => {
            format!("{name}es")
        }
        _ if name.ends_with('y') && !name.ends_with("ay") && !name.ends_with("ey") => {
            format!("{}ies", &name[..name.len() - 1])
        }
        _ if name.ends_with('s') => name.to_owned(),
        _ => format!("{name}s"),
    }
}

/// `CheckoutSession` as `checkout_session`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// A path as the name of a column: `address.country` is `address_country`.
pub(crate) fn column(path: &str) -> String {
    path.replace('.', "_")
}

/// The name of a field: keywords are written raw.
pub(crate) fn field(column: &str) -> String {
    const KEYWORDS: [&str; 6] = ["type", "match", "use", "ref", "override", "final"];
    if KEYWORDS.contains(&column) {
        return format!("r#{column}");
    }
    column.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{plural, snake};

    #[test]
    fn tables_are_plural() {
        for (one, many) in [
            ("customer", "customers"),
            ("tax_id", "tax_ids"),
            ("capability", "capabilities"),
            ("apple_pay", "apple_pays"),
            ("address", "addresses"),
        ] {
            assert_eq!(plural(one), many);
        }
        assert_eq!(snake("CheckoutSession"), "checkout_session");
    }
}
