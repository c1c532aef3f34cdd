//! Objects as Stripe sends them, at API version 2026-10-28.endive: indented by two spaces.

/// A customer with an address, shipping and metadata, 1.2 kB.
pub const CUSTOMER: &str = include_str!("../fixtures/customer.json");
/// A subscription with one item, 4.6 kB.
pub const SUBSCRIPTION: &str = include_str!("../fixtures/subscription.json");
/// A paid invoice of one line, 5.2 kB.
pub const INVOICE: &str = include_str!("../fixtures/invoice.json");

/// The same object without the white space between its tokens.
///
/// # Errors
/// When it is not JSON.
pub fn compact(json: &str) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::from_str::<serde_json::Value>(json)?)
}

/// `count` objects that differ in their ids, which end in the number of the object.
pub fn distinct(json: &str, count: usize) -> Vec<String> {
    let id = id_of(json);
    (0..count)
        .map(|number| json.replacen(id, &numbered(id, number), 1))
        .collect()
}

/// An id whose last characters are a number of eight digits.
fn numbered(id: &str, number: usize) -> String {
    format!("{}{number:08}", &id[..id.len().saturating_sub(8)])
}

/// The value of the object's `id`, which is its first member.
fn id_of(json: &str) -> &str {
    json.split('"').nth(3).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_differ_in_their_ids_only() {
        let objects = distinct(CUSTOMER, 3);
        assert_eq!(objects[2].len(), CUSTOMER.len());
        let ids: Vec<&str> = objects.iter().map(|object| id_of(object)).collect();
        assert_eq!(
            ids,
            [
                "cus_TzN3wX00000000",
                "cus_TzN3wX00000001",
                "cus_TzN3wX00000002"
            ]
        );
    }
}
