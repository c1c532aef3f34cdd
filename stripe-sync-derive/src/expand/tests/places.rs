//! Where the tokens of an expansion are: an editor finds a definition, and shows an error, by the place of a token alone.

use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Data, DeriveInput};

use crate::database::Database;

/// Every attribute that leads to code, and every role of a field.
const SOURCE: &str = r#"
#[stripe(
    object = "subscription",
    table = "billing.subscriptions",
    database = sqlite,
    crate = mirror,
    filter(status = "active"),
    on_delete = soft,
    pre_set_default = hooks::clean,
    set_default = hooks::make,
    post_set_default = hooks::complete,
    sync = hooks::write,
    after_commit = hooks::changed
)]
struct Subscription {
    #[stripe(id, parse)]
    stripe_id: SubscriptionId,
    #[stripe(parent)]
    customer: String,
    #[stripe(path = items.data[0].quantity, default = 1)]
    quantity: i64,
    #[stripe(path = latest_invoice, default)]
    invoice: String,
    #[stripe(path = items, with = hooks::count)]
    item_count: i64,
    #[stripe(raw, sql_type = "jsonb")]
    whole: Json<Value>,
    #[stripe(account)]
    account: String,
    #[stripe(livemode)]
    livemode: bool,
    #[stripe(synced_at)]
    synced_at: Option<DateTime<Utc>>,
    #[stripe(deleted_at)]
    deleted_at: Option<DateTime<Utc>>,
    #[stripe(local)]
    notes: Option<String>,
    #[stripe(local, sql_type = "citext")]
    opaque: Opaque,
    #[stripe(children)]
    items: Vec<rows::Item>,
}
"#;

/// The roles that only elements without an id have.
const ELEMENT: &str = r#"
#[stripe(object = "price.tiers", table = "tiers", crate = mirror)]
struct Tier {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
    up_to: Option<i64>,
}
"#;

/// A token that is no group, with its place in the source.
struct Placed {
    text: String,
    at: Range<usize>,
}

fn placed(tokens: TokenStream, out: &mut Vec<Placed>) {
    for token in tokens {
        out.push(Placed {
            text: token.to_string(),
            at: token.span().byte_range(),
        });
        if let TokenTree::Group(group) = token {
            placed(group.stream(), out);
        }
    }
}

/// The tokens of what the derive makes of a source, and its struct.
fn expansion(source: &str) -> (Vec<Placed>, DeriveInput) {
    let input: DeriveInput = syn::parse_str(source).unwrap();
    let mut tokens = Vec::new();
    placed(crate::expansion(&input, &Database::ALL), &mut tokens);
    (tokens, input)
}

#[test]
fn no_token_is_at_the_derive_itself() {
    for source in [
        SOURCE,
        &SOURCE.replace("crate = mirror,", ""),
        &with_a_mistake(),
        ELEMENT,
    ] {
        let (tokens, _) = expansion(source);
        assert!(tokens.len() > 100, "{} tokens", tokens.len());
        // The context of a hook is there on purpose: see the module `hooks`.
        let at_derive = |token: &&Placed| token.at.is_empty() && token.text != "__context";
        let at_derive: Vec<&str> = tokens
            .iter()
            .filter(at_derive)
            .map(|token| &*token.text)
            .collect();
        assert!(at_derive.is_empty(), "at the derive: {at_derive:?}");
    }
}

fn with_a_mistake() -> String {
    SOURCE.replace("customer: String", "custmer: String")
}

#[test]
fn what_is_for_a_field_is_at_the_field() {
    let (tokens, input) = expansion(SOURCE);
    let Data::Struct(data) = &input.data else {
        unreachable!("the source is a struct")
    };
    for (index, field) in data.fields.iter().enumerate() {
        let name = field.ident.as_ref().unwrap();
        if name == "opaque" || name == "items" {
            // Nothing reads the one, and the other is no column, so they have no constant.
            continue;
        }
        let constant = format!("__F{index}");
        let found: Vec<&Placed> = tokens
            .iter()
            .filter(|token| token.text == constant)
            .collect();
        assert!(found.len() > 2, "{constant}: {}", found.len());
        for token in found {
            assert_eq!(token.at, name.span().byte_range(), "{constant} of {name}");
        }
    }
}

#[test]
fn what_the_user_wrote_keeps_its_place() {
    let (tokens, input) = expansion(SOURCE);
    let offset = input.ident.span().byte_range().start - SOURCE.find("Subscription {").unwrap();
    // Names and types of fields, and the functions that attributes name.
    for written in [
        "Subscription {",
        "stripe_id:",
        "SubscriptionId",
        "customer:",
        "quantity:",
        "item_count:",
        "whole:",
        "Json<",
        "Value>",
        "DateTime<",
        "Opaque",
        "items: Vec",
        "rows::",
        "Item>,",
        "clean",
        "make",
        "complete",
        "write",
        "changed",
        "count)",
        "1)]",
        "mirror",
        "\"citext\"",
    ] {
        let start = SOURCE.find(written).unwrap() + offset;
        let text = written.trim_end_matches([' ', '{', ':', '<', '>', ')', ']', ',']);
        let text = text.strip_suffix(": Vec").unwrap_or(text);
        let is_it = |token: &Placed| token.text == text && token.at == (start..start + text.len());
        assert!(
            tokens.iter().any(is_it),
            "{text} is not where the user wrote it"
        );
    }
}
