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

/// `count` objects that differ in their ids, which are in no order, as Stripe's are.
pub fn distinct(json: &str, count: usize) -> Vec<String> {
    let id = id_of(json);
    (0..count)
        .map(|number| json.replacen(id, &numbered(id, number), 1))
        .collect()
}

/// The same customer with another balance.
pub fn changed(json: &str) -> String {
    json.replacen("-1250", "-1300", 1)
}

/// An id whose last eight characters are digits, other ones for each number below a hundred million.
fn numbered(id: &str, number: usize) -> String {
    /// Has no factor in common with the modulus, so that no two numbers meet.
    const STEP: usize = 61_803_399;
    const MODULUS: usize = 100_000_000;
    let digits = number * STEP % MODULUS;
    format!("{}{digits:08}", &id[..id.len().saturating_sub(8)])
}

/// The value of the object's `id`, which is its first member.
pub fn id_of(json: &str) -> &str {
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
                "cus_TzN3wX61803399",
                "cus_TzN3wX23606798"
            ]
        );
        assert_ne!(changed(CUSTOMER), CUSTOMER);
    }
}
