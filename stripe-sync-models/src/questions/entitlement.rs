//! What a customer may use.

use std::collections::BTreeSet;

use crate::ActiveEntitlement;

/// Returns the lookup keys of the features that a customer may use, of the rows of any customers.
///
/// Stripe takes an entitlement away as soon as it ends, and its row is marked as deleted then: the others are active. The features
/// of a product become entitlements with a subscription to it.
///
/// Source: <https://docs.stripe.com/billing/entitlements>
///
/// ```
/// use stripe_sync_models::{ActiveEntitlement, entitled_features};
///
/// let mut entitlement = ActiveEntitlement::default();
/// entitlement.customer = "cus_1".to_owned();
/// entitlement.lookup_key = Some("export".to_owned());
/// let rows = [entitlement];
/// assert!(entitled_features("cus_1", &rows).contains("export"));
/// assert!(entitled_features("cus_2", &rows).is_empty());
/// ```
pub fn entitled_features<'e>(
    customer: &str,
    entitlements: impl IntoIterator<Item = &'e ActiveEntitlement>,
) -> BTreeSet<&'e str> {
    let entitlements = entitlements.into_iter();
    entitlements
        .filter(|entitlement| entitlement.customer == customer && entitlement.deleted_at.is_none())
        .filter_map(|entitlement| entitlement.lookup_key.as_deref())
        .collect()
}

#[cfg(test)]
mod tests {
    use stripe_sync::reexport::chrono::Utc;

    use super::entitled_features;
    use crate::ActiveEntitlement;

    fn row(customer: &str, key: &str) -> ActiveEntitlement {
        ActiveEntitlement {
            customer: customer.to_owned(),
            lookup_key: Some(key.to_owned()),
            ..ActiveEntitlement::default()
        }
    }

    #[test]
    fn the_features_are_those_of_the_customer_that_are_there() {
        let gone = ActiveEntitlement {
            deleted_at: Some(Utc::now()),
            ..row("cus_1", "gone")
        };
        let unnamed = ActiveEntitlement {
            lookup_key: None,
            ..row("cus_1", "")
        };
        let rows = [
            row("cus_1", "b"),
            row("cus_1", "a"),
            row("cus_1", "a"),
            row("cus_2", "c"),
            // Ids differ in case.
            row("CUS_1", "d"),
            gone,
            unnamed,
        ];
        let features: Vec<&str> = entitled_features("cus_1", &rows).into_iter().collect();
        assert_eq!(features, ["a", "b"]);
    }
}
