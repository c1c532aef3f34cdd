//! The table: each member that moved, by object and member.
//!
//! Sources: Stripe's changelog, and those of its own libraries, for the versions that are named here.

mod accounts;
mod invoices;
mod payments;
mod subscriptions;

use super::{Move, Now};

const UNUSED: &str = "2023-08-16";
const COLLECTION_METHOD: &str = "2019-10-17";
const TAX_RATES: &str = "2020-08-27";
const MARKETING_FEATURES: &str = "2024-04-10";
const BASIL: &str = "2025-03-31.basil";
const CLOVER: &str = "2025-09-30.clover";

const INVOICE_OF_A_PAYMENT: &str =
    "derive a model of `invoice_payment`, which names the payment and its invoice";
const RATES: &str = "tax rates took its place, so write `path = default_tax_rates` with `Json<...>`, or `path = default_tax_rates[0].percentage` for the first";
const COUPON: &str =
    "write `path = discounts[0]` for the id of the discount; its coupon is not in the object";

/// A member that a version moved to another path.
const fn path(
    object: &'static str,
    member: &'static str,
    since: &'static str,
    path: &'static str,
) -> Move {
    Move {
        object,
        member,
        since: Some(since),
        now: Now::Path(path),
    }
}

/// A member that a version took away.
const fn gone(
    object: &'static str,
    member: &'static str,
    since: &'static str,
    words: &'static str,
) -> Move {
    Move {
        object,
        member,
        since: Some(since),
        now: Now::Words(words),
    }
}

/// A name that the object never had, of what is elsewhere.
const fn apart(object: &'static str, member: &'static str, words: &'static str) -> Move {
    Move {
        object,
        member,
        since: None,
        now: Now::Words(words),
    }
}

/// A name that the object never had.
const fn meant(object: &'static str, member: &'static str, path: &'static str) -> Move {
    Move {
        object,
        member,
        since: None,
        now: Now::Path(path),
    }
}

/// The table.
pub(crate) fn all() -> impl Iterator<Item = &'static Move> {
    [
        accounts::MOVES,
        invoices::MOVES,
        payments::MOVES,
        subscriptions::MOVES,
    ]
    .into_iter()
    .flatten()
}
