//! Objects that nobody sees alive, and ids that come again.

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::testing::{FakeAccount, FakeError};

use super::changes::{Allowed, contents};

/// Ids of each resource that come again: few, so that they do.
const CHOSEN: usize = 4;

/// Makes an object that is gone at once, tells of a deletion of what never was, or lets a chosen id die and come again.
/// `None` for resources that have nothing of the kind.
pub(crate) fn change(
    account: &FakeAccount,
    object: &str,
    allowed: Allowed,
    rng: &mut Rng,
) -> Result<Option<bool>, FakeError> {
    let is_deletable = match object {
        "coupon" | "product" | "invoice" => true,
        "customer" => allowed.cascades,
        _ => false,
    };
    if !is_deletable {
        return Ok(None);
    }
    match rng.u8(0..4) {
        0 => {
            let made = account.create(object, contents(object, rng))?;
            account.delete(made["id"].as_str().unwrap_or_default())?;
        }
        1 => {
            let id = format!("{object}_{}", rng.usize(0..CHOSEN));
            // One that is alive may be told of too late.
            let gone = json!({"id": id, "object": object});
            account.record_event(&format!("{object}.deleted"), &gone)?;
        }
        _ if matches!(object, "coupon" | "product") => {
            return again(account, object, rng).map(Some);
        }
        _ => return Ok(None),
    }
    Ok(Some(true))
}

/// A chosen id is made, or deleted and perhaps made again within the second.
fn again(account: &FakeAccount, object: &str, rng: &mut Rng) -> Result<bool, FakeError> {
    let id = format!("{object}_{}", rng.usize(0..CHOSEN));
    let is_alive = account.get(&id).is_some();
    if is_alive {
        account.delete(&id)?;
    }
    if !is_alive || rng.bool() {
        let mut new: Value = contents(object, rng);
        new["id"] = id.into();
        account.create(object, new)?;
    }
    Ok(true)
}
