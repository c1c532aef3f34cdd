//! Objects: made, changed, deleted and looked at.

use serde_json::{Value, json};

use crate::control::call::Call;
use crate::control::errors::ControlError;
use crate::error::FakeError;
use crate::state::account::FakeAccount;

/// What one call may make up: a mistyped count must not fill the memory.
const MOST: usize = 1_000_000;

pub(crate) fn create(call: &Call) -> Result<Value, ControlError> {
    let account = call.account()?;
    let (object, body) = (&*call.name, call.body.clone());
    let unlisted = call.flag("unlisted")?.unwrap_or(false);
    let created = match (call.param("parent"), unlisted) {
        (None, false) => account.create(object, body)?,
        (None, true) => account.create_unlisted(object, body)?,
        (Some(parent), false) => account.create_child(parent, object, body)?,
        (Some(_), true) => {
            let message = "`parent` puts it in a list, and `unlisted` in none";
            return Err(ControlError::Wrong(message.to_owned()));
        }
    };
    if let ("account", Some(id)) = (object, created["id"].as_str()) {
        call.shared.lock().adopt(id);
    }
    Ok(created)
}

/// The ids of what the story made, by the names of the objects.
pub(crate) fn tell(call: &Call) -> Result<Value, ControlError> {
    let told = call.account()?.tell(call.name.parse()?)?;
    let made = told
        .objects()
        .map(|object| (object.to_owned(), json!(told.ids(object))));
    Ok(Value::Object(made.collect()))
}

pub(crate) fn get(call: &Call) -> Result<Value, ControlError> {
    let account = call.account()?;
    let missing = || FakeError::NoSuchId {
        id: call.name.clone(),
        account: account.id().to_owned(),
        mode: account.mode(),
    };
    Ok(account.get(&call.name).ok_or_else(missing)?)
}

pub(crate) fn change(call: &Call) -> Result<Value, ControlError> {
    Ok(call.account()?.update(&call.name, call.body.clone())?)
}

pub(crate) fn delete(call: &Call) -> Result<Value, ControlError> {
    Ok(call.account()?.delete(&call.name)?)
}

pub(crate) fn generate(call: &Call) -> Result<Value, ControlError> {
    let count = match call.param("count") {
        None => 1,
        Some(text) => match text.parse() {
            Ok(count) if count <= MOST => count,
            _ => {
                return Err(ControlError::Wrong(format!(
                    "`count`: expected a number up to {MOST}, got `{text}`"
                )));
            }
        },
    };
    let ids = call.account()?.generate(&call.name, count)?;
    Ok(json!({ "ids": ids }))
}

pub(crate) fn truth(call: &Call) -> Result<Value, ControlError> {
    let account = call.account()?;
    let object = FakeAccount::check_object(&call.name)?;
    Ok(json!({ "data": account.truth(object) }))
}
