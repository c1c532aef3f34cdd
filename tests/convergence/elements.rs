//! Elements of lists inside objects, which come, change and go: items of subscriptions, lines of drafts, cards of customers.

use fastrand::Rng;
use serde_json::json;
use stripe_sync::testing::{FakeAccount, FakeError, FakeStripe};

use super::changes::contents;
use super::models::resource;

/// Lengths of lists that are longer than what Stripe shows inside, and than a page.
const LONG: [usize; 3] = [11, 12, 111];

/// Makes a few parents with long lists, of the past.
pub(crate) fn long_lists(fake: &FakeStripe, object: &str, rng: &mut Rng) -> Result<(), FakeError> {
    let Some(children) = &resource(object).children else {
        return Ok(());
    };
    let ids = fake.ids(object);
    let Some(original) = rng.choice(&ids).filter(|_| rng.bool()) else {
        return Ok(());
    };
    let count = rng.usize(1..=LONG.len());
    let lengths = rng.choose_multiple(LONG, count);
    match fake.create_child(original, children.object, json!({})) {
        Ok(_) | Err(FakeError::Refused { .. }) => {}
        Err(error) => return Err(error),
    }
    match fake.copies(original, children.member, lengths) {
        // An invoice that is no draft may have no line.
        Ok(_) | Err(FakeError::NoSuchList { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Adds an element to the object's list, changes one or takes one out.
pub(crate) fn change(
    account: &FakeAccount,
    object: &str,
    id: &str,
    rng: &mut Rng,
) -> Result<bool, FakeError> {
    let Some(children) = &resource(object).children else {
        return Ok(false);
    };
    let contents = match children.object {
        "subscription_item" => contents(children.object, rng),
        "line_item" => json!({"description": rng.choice(["a", "b", "c"])}),
        _ => json!({"metadata": {"tenant": rng.choice(["a", "b", "c"])}}),
    };
    let elements = account.children(id, children.object);
    let chosen = rng.choice(&elements).and_then(|one| one["id"].as_str());
    match (rng.u8(0..3), chosen) {
        (0, _) | (_, None) => account.create_child(id, children.object, contents),
        (1, Some(element)) => account.update(element, contents),
        (_, Some(element)) => account.delete(element),
    }
    .map(|_| true)
}
