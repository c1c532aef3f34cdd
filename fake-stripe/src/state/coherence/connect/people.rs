//! Connected accounts and the people behind them.

use serde_json::{Map, Value, json};

use crate::chaos::nasty::NastyKind;
use crate::error::FakeError;
use crate::generate;
use crate::state::accounts::complete;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in};

/// What Stripe wants to know of a person who has said all.
fn nothing_due() -> Value {
    json!({
        "alternatives": [], "currently_due": [], "errors": [], "eventually_due": [], "past_due": [],
        "pending_verification": [],
    })
}

/// An account that may take payments.
pub(crate) fn account(draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let mut members = Map::new();
    complete(&mut members, draft.id, true);
    for (name, value) in members {
        draft.set(&name, value);
    }
    Ok(())
}

/// A person whom Stripe knows.
pub(crate) fn person(world: &mut World<'_>, draft: &mut Draft<'_>) -> Result<(), FakeError> {
    let (day, month, year) = {
        let rng = world.rng();
        (rng.u32(1..=28), rng.u32(1..=12), rng.u32(1950..2000))
    };
    draft.set("dob", json!({ "day": day, "month": month, "year": year }));
    let address = generate::address(world.rng());
    draft.set("address", address);
    draft.set("relationship", json!({
        "authorizer": false, "director": false, "executive": true, "legal_guardian": false, "owner": true,
        "percent_ownership": 100, "representative": true, "title": "CEO",
    }));
    draft.set("full_name_aliases", json!([]));
    // Only borrowers and Japan's people say more of themselves.
    draft.clear(&[
        "address_kana",
        "address_kanji",
        "first_name_kana",
        "first_name_kanji",
        "last_name_kana",
        "last_name_kanji",
        "maiden_name",
        "us_cfpb_data",
    ]);
    if !draft.odd.has(NastyKind::Texts) {
        for member in ["first_name", "last_name"] {
            let name = generate::words::text(member, world.rng());
            draft.set(member, name);
        }
    }
    draft.set("requirements", nothing_due());
    draft.set("future_requirements", nothing_due());
    let document = json!({ "back": null, "details": null, "details_code": null, "front": null });
    draft.set("verification", json!({
        "additional_document": document, "details": null, "details_code": null, "document": document, "status": "verified",
    }));
    Ok(())
}

/// An account that is connected to this one, found or made; its id.
pub(super) fn connected(world: &mut World<'_>, created: i64) -> Result<String, FakeError> {
    let own = world.scope.account.clone();
    let mut accounts = world.state.accounts.iter();
    let mut known: Vec<&String> = accounts
        .by_ref()
        .filter(|(_, account)| account.platform.as_deref() == Some(&*own))
        .map(|(id, _)| id)
        .collect();
    // A map has no order, and a seed makes the same account each time.
    known.sort();
    if let Some(id) = known.first() {
        return Ok((*id).clone());
    }
    let account = match world.some("account", i64::MAX, |_| true) {
        Some(account) => account,
        None => world.make("account", created, Value::Null)?,
    };
    Ok(id_in(&account, "id").unwrap_or_default().to_owned())
}
