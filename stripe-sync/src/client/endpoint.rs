//! From a path to the endpoint that Stripe's limits count: ids become `{id}`.

/// First segments that group other collections and are none themselves.
const NAMESPACES: [&str; 24] = [
    "v1",
    "v2",
    "apps",
    "billing",
    "billing_portal",
    "checkout",
    "climate",
    "core",
    "crypto",
    "entitlements",
    "financial_connections",
    "forwarding",
    "identity",
    "issuing",
    "money_management",
    "product_catalog",
    "radar",
    "reporting",
    "reserve",
    "sigma",
    "tax",
    "terminal",
    "test_helpers",
    "treasury",
];

/// Where an id could stand, but a fixed word does.
const WORDS: [&str; 4] = ["search", "create_preview", "preview", "find"];

/// The endpoint of a path: collections and ids take turns after the namespaces.
///
/// A wrong guess merges two endpoints into one, which is slower and never too fast.
pub(crate) fn template(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut id_next = false;
    let mut in_namespace = true;
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        out.push('/');
        if in_namespace && NAMESPACES.contains(&segment) {
            out.push_str(segment);
            continue;
        }
        in_namespace = false;
        if id_next && !WORDS.contains(&segment) {
            out.push_str("{id}");
        } else {
            out.push_str(segment);
        }
        id_next = !id_next;
    }
    out
}

/// Percent-encodes what would not stay one segment of a path.
///
/// `.`, `..` and the empty id cannot be written as a segment (URL parsers resolve `%2e%2e` too):
/// they become names that no object has, so that Stripe answers "missing" and nothing else is read.
pub(crate) fn escape_segment(id: &str) -> String {
    match id {
        "" => return "%20".to_owned(),
        "." => return "%252E".to_owned(),
        ".." => return "%252E%252E".to_owned(),
        _ => {}
    }
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~') {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_replaced_and_words_stay() {
        for (path, expected) in [
            ("/v1/customers", "/v1/customers"),
            ("/v1/customers/cus_1", "/v1/customers/{id}"),
            ("/v1/coupons/gold", "/v1/coupons/{id}"),
            ("/v1/customers/search", "/v1/customers/search"),
            (
                "/v1/customers/cus_1/tax_ids/txi_1",
                "/v1/customers/{id}/tax_ids/{id}",
            ),
            ("/v1/invoices/in_1/lines", "/v1/invoices/{id}/lines"),
            ("/v1/issuing/cards/ic_1", "/v1/issuing/cards/{id}"),
            (
                "/v1/billing/meters/mtr_1/event_summaries",
                "/v1/billing/meters/{id}/event_summaries",
            ),
            (
                "/v1/test_helpers/issuing/cards/ic_1",
                "/v1/test_helpers/issuing/cards/{id}",
            ),
            ("/v2/core/events/evt_1", "/v2/core/events/{id}"),
            ("/v1/account", "/v1/account"),
        ] {
            assert_eq!(template(path), expected);
        }
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        assert_eq!(escape_segment("cus_Ab-1"), "cus_Ab-1");
        assert_eq!(escape_segment("a/b?c#d"), "a%2Fb%3Fc%23d");
        assert_eq!(escape_segment(".."), "%252E%252E");
        assert_eq!(escape_segment(""), "%20");
        assert_eq!(escape_segment("é"), "%C3%A9");
    }
}
