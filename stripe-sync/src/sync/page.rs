//! From the bytes of an answer to rows and failures.

use bytes::Bytes;
use serde::de::Error;

use crate::client::Response;
use crate::context::Context;
use crate::hooks::{self, MappingError};
use crate::mapping::Slots;
use crate::model::Model;
use crate::object::{StripeObject, list};
use crate::store::{Failure, KeyedRow};

use super::SyncError;

/// A list page with the bytes of its objects.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Bytes>,
    pub(crate) has_more: bool,
}

impl Page {
    /// Splits the page that a list answered, without reading the objects.
    ///
    /// # Errors
    /// When it is not a list page.
    pub(crate) fn of(path: &str, response: &Response) -> Result<Self, SyncError> {
        let body = &response.body;
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom);
        let list = text.and_then(list::list);
        let list = list.map_err(|error| SyncError::page(path, &error, response))?;
        let objects = list.objects.iter();
        Ok(Self {
            objects: objects
                .map(|object| body.slice_ref(object.as_bytes()))
                .collect(),
            has_more: list.has_more,
        })
    }

    /// The ids of its objects.
    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = String> {
        self.objects.iter().filter_map(|object| id_of(object))
    }
}

impl Failure {
    /// The failure of an object as a whole.
    pub(crate) fn whole(id: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            column: None,
            reason: reason.into(),
        }
    }
}

/// The id of an object, without reading the rest.
pub(crate) fn id_of(object: &[u8]) -> Option<String> {
    list::id(std::str::from_utf8(object).ok()?)
}

/// What one object of an answer is to a model.
#[derive(Debug)]
pub(crate) enum Mapped {
    /// A row to write.
    Row(Box<KeyedRow>),
    /// The stub of a deleted object.
    Deleted(String),
    /// It says by itself that it is outside the model's filter.
    Outside(String),
    /// It does not map.
    Failed(Failure),
    /// It is of the other mode.
    OtherMode(Failure),
    /// An object of another resource: a few lists mix them.
    Other,
}

/// Maps one object, with the model's mapping hooks if it has any.
pub(crate) async fn map(model: &'static Model, json: Bytes, context: &Context) -> Mapped {
    let hooked = model.parts.map_hooks.is_some() || model.parts.sync.is_some();
    let fail = |id: &str, column: Option<&str>, reason: String| {
        Mapped::Failed(Failure {
            id: id.to_owned(),
            column: column.map(str::to_owned),
            reason,
        })
    };

    let text = match std::str::from_utf8(&json) {
        Ok(text) => text,
        Err(error) => return fail("", None, format!("not UTF-8: {error}")),
    };
    let slots = match Slots::read_json(model, text, context) {
        Ok(slots) => slots,
        Err(error) => {
            return fail(
                &id_of(&json).unwrap_or_default(),
                error.column(),
                error.reason().to_owned(),
            );
        }
    };
    if slots
        .object()
        .is_some_and(|object| object != model.object())
    {
        return Mapped::Other;
    }
    let Some(id) = slots.id().map(str::to_owned) else {
        return fail("", None, "the object has no id".to_owned());
    };
    if let Some(livemode) = slots.other_mode(context) {
        let mode = |livemode| if livemode { "live" } else { "test" };
        let (found, expected) = (mode(livemode), mode(!livemode));
        let reason = format!("expected an object of {expected} mode, got one of {found} mode");
        return Mapped::OtherMode(Failure::whole(id, reason));
    }
    if slots.is_deleted() {
        return Mapped::Deleted(id);
    }
    // As Stripe sent it: what a hook makes of it is no matter of the list.
    if slots.is_outside() {
        return Mapped::Outside(id);
    }
    if !hooked {
        return match slots.row() {
            Ok(row) => Mapped::Row(Box::new(KeyedRow::new(model, id, row, None))),
            Err(error) => fail(&id, error.column(), error.reason().to_owned()),
        };
    }
    drop(slots);

    let mut object = match StripeObject::from_json(json) {
        Ok(object) => object,
        Err(error) => return fail(&id, None, error.to_string()),
    };
    match hooks::map(model, &mut object, context).await {
        Ok(row) => {
            let object = model.parts.sync.is_some().then_some(object);
            Mapped::Row(Box::new(KeyedRow::new(model, id, row, object)))
        }
        Err(MappingError::Map(error)) => fail(&id, error.column(), error.reason().to_owned()),
        Err(MappingError::Hook(error)) => fail(&id, None, error.to_string()),
    }
}
