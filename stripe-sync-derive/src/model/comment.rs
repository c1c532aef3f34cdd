//! Comments of tables and columns: the documentation of the struct and its fields.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The first paragraph of an item's documentation, in one line; `None` if there is none, or it is not written as a text.
pub(crate) fn of(attrs: &[Attribute]) -> Option<String> {
    let docs = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text = docs.collect::<Vec<_>>().join("\n");
    let lines = text.lines().map(str::trim);
    let paragraph = lines.skip_while(|line| line.is_empty());
    let paragraph: Vec<&str> = paragraph.take_while(|line| !line.is_empty()).collect();
    // No database keeps a NUL.
    let comment = paragraph.join(" ").replace('\0', "");
    (!comment.is_empty()).then_some(comment)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::of;

    #[test]
    fn it_is_the_first_paragraph_in_one_line() {
        let item: syn::ItemStruct = parse_quote! {
            ///
            /// The customer's
            ///   e-mail.
            ///
            /// More.
            #[allow(dead_code)]
            struct Customer;
        };
        assert_eq!(of(&item.attrs).as_deref(), Some("The customer's e-mail."));
        let block: syn::ItemStruct = parse_quote! {
            /** One
            two. */
            struct Customer;
        };
        assert_eq!(of(&block.attrs).as_deref(), Some("One two."));
        let none: syn::ItemStruct = parse_quote! {
            #[doc = include_str!("customer.md")]
            #[doc(hidden)]
            struct Customer;
        };
        assert_eq!(of(&none.attrs), None);
    }
}
