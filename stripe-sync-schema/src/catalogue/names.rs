//! Names in Stripe's libraries, in dj-stripe and in older versions of Stripe's API that no resource has.

/// The resources that go by another name here.
const OTHER: &[(&str, &[&str])] = &[
    ("application_fee_refund", &["fee_refund"]),
    ("checkout", &["checkout.session"]),
    ("checkout_session_line_item", &["item"]),
    ("fee", &["application_fee"]),
    ("file_upload", &["file"]),
    ("invoice_line", &["line_item"]),
    ("invoice_line_item", &["line_item"]),
    ("payment", &["payment_intent", "charge"]),
    ("reversal", &["transfer_reversal"]),
    ("session_line_item", &["item"]),
    ("tax", &["tax_rate", "tax_id"]),
    ("webhook", &["webhook_endpoint"]),
];

const USAGE: &str = "Stripe's API 2025-03-31.basil removed usage records and counts usage in meters, so derive a model of `billing.meter`, or of `billing.meter_event_summary` for the sums";
const EVENTS: &str = "Stripe takes meter events and lists none, so derive a model of `billing.meter_event_summary` for their sums";
const PREVIEWED: &str =
    "Stripe computes it for a request and keeps none, so derive a model of `invoice`";
const ORDERS: &str =
    "Stripe removed orders, so derive a model of `checkout.session` or of `payment_intent`";
const SKUS: &str = "Stripe removed SKUs, so derive a model of `price`, which names its `product`";
const RECIPIENTS: &str =
    "Stripe removed recipients, so derive a model of `account`, which a `transfer` goes to";
const PAID_WITH: &str =
    "Stripe removed it, so derive a model of `payment_method`, whose `type` says what it is";
const EXTERNAL: &str =
    "it is a `bank_account` or a `card`, so derive a model of each of them that you need";
const SOURCES: &str = "it is a `card`, a `bank_account` or a `source`, so derive a model of each of them that you need";

/// What to write where nothing of the name can be listed.
const INSTEAD: &[(&str, &str)] = &[
    ("alipay_account", PAID_WITH),
    ("billing.meter_event", EVENTS),
    ("bitcoin_receiver", PAID_WITH),
    ("external_account", EXTERNAL),
    ("meter_event", EVENTS),
    ("order", ORDERS),
    ("order_item", ORDERS),
    ("order_return", ORDERS),
    ("payment_source", SOURCES),
    ("recipient", RECIPIENTS),
    ("sku", SKUS),
    ("three_d_secure", PAID_WITH),
    ("upcoming_invoice", PREVIEWED),
    ("usage_record", USAGE),
    ("usage_record_summary", USAGE),
];

/// The resources that are meant by a name that another library gives them; empty if it is none of those.
pub(super) fn resources(name: &str) -> &'static [&'static str] {
    find(OTHER, name).copied().unwrap_or_default()
}

/// What to do instead of deriving a model of an object that no list shows: Stripe removed it, keeps none of it, or has several
/// resources for it. `None` for every other name.
#[must_use]
pub fn instead(object: &str) -> Option<&'static str> {
    find(INSTEAD, object).copied()
}

fn find<T>(names: &'static [(&str, T)], name: &str) -> Option<&'static T> {
    let name = letters(name);
    let is_it = |known: &str| {
        let known = letters(known);
        name == known || name.strip_suffix('s') == Some(&known)
    };
    let mut names = names.iter();
    names
        .find(|(known, _)| is_it(known))
        .map(|(_, found)| found)
}

/// `application_fee_refund` and `ApplicationFeeRefund` are one name.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::{INSTEAD, OTHER, instead};
    use crate::catalogue::{nearest, resource};

    #[test]
    fn a_name_of_another_library_leads_to_a_resource() {
        for (name, resources) in OTHER {
            assert!(resource(name).is_none(), "{name}");
            assert!(!resources.is_empty(), "{name}");
            for object in *resources {
                assert!(resource(object).is_some(), "{name}: {object}");
            }
            assert_eq!(nearest(name), *resources);
        }
        assert_eq!(nearest("ApplicationFeeRefunds"), ["fee_refund"]);
    }

    #[test]
    fn what_cannot_be_listed_says_what_can() {
        for (name, words) in INSTEAD {
            assert!(resource(name).is_none(), "{name}");
            assert_eq!(instead(name), Some(*words));
            let mut named = words.split('`').skip(1).step_by(2);
            let is_there =
                |word: &str| ["product", "type"].contains(&word) || resource(word).is_some();
            assert!(named.all(is_there), "{name}: {words}");
        }
        assert_eq!(instead("UsageRecord"), instead("usage_records"));
        assert_eq!(instead("customer"), None);
    }
}
