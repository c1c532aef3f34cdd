//! The types of the events that Stripe may send.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::fields::{Step, resolve};
use crate::suggest;

use super::resources;

static TYPES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut types = BTreeSet::new();
    if let Ok(kind) = resolve("event", &[Step::Key("type")]) {
        types.extend(kind.values);
    }
    for resource in resources() {
        let summaries = resource.summary.iter().map(|summary| &summary.events);
        let own = [
            &resource.events,
            &resource.deleted_events,
            &resource.mentions,
        ];
        types.extend(own.into_iter().chain(summaries).flatten());
    }
    types.into_iter().collect()
});

/// Every type of snapshot events that this version of the API has, sorted: `customer.created`.
#[must_use]
pub fn event_types() -> &'static [&'static str] {
    &TYPES
}

/// The one of these types that was probably meant: the nearest one that a typing error leads away from, else the nearest
/// one of the same resource. `None` if there is neither.
pub fn nearest_event_type<'a>(
    wanted: &str,
    types: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if let Some(near) = suggest::nearest(wanted, types.clone()).first() {
        return Some(near);
    }
    let resource = wanted.split('.').next()?;
    types
        .into_iter()
        .filter(|kind| kind.split('.').next() == Some(resource))
        .min_by_key(|kind| strsim::osa_distance(wanted, kind))
}

#[cfg(test)]
mod tests {
    use super::{event_types, nearest_event_type};

    #[test]
    fn there_are_those_that_carry_no_resource_too() {
        let types = event_types();
        assert!(types.is_sorted() && types.len() > 200, "{}", types.len());
        for kind in ["customer.created", "balance.available", "invoice.paid"] {
            assert!(types.binary_search(&kind).is_ok(), "{kind}");
        }
        assert!(
            types
                .iter()
                .all(|kind| kind.contains('.') && !kind.contains('*'))
        );
    }

    #[test]
    fn the_nearest_is_found() {
        let nearest = |wanted| nearest_event_type(wanted, event_types().iter().copied());
        assert_eq!(nearest("invoice.payed"), Some("invoice.paid"));
        assert_eq!(nearest("customer.create"), Some("customer.created"));
        assert_eq!(nearest("Customer_Created"), Some("customer.created"));
        assert_eq!(nearest("elephant.created"), None);
        let of_a_customer = nearest("customer.something_else").unwrap();
        assert!(of_a_customer.starts_with("customer."), "{of_a_customer}");
    }
}
