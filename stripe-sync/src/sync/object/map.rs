//! From the bytes of an object to a row or a failure.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::calls;
use crate::calls::CallError;
use crate::model::context::Context;
use crate::model::hooks::MappingError;
use crate::model::mapping::{MapError, Slots};
use crate::model::{Model, Role, hooks};
use crate::object::StripeObject;
use crate::object::paths::{Mode, Node};
use crate::object::secret::without_secrets;
use crate::store::rows::{Failure, KeyedRow};

use crate::sync::list::page::id_of;
use crate::sync::object::sets::{self, Elements};

/// Objects of a page whose mapping hooks are waited for at once: as many requests as one service of the application's takes
/// without being asked.
const HOOKS_AT_ONCE: usize = 16;

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
    /// An object of another resource, by its id: a few lists mix them.
    Other(String),
}

impl Mapped {
    /// Whether it is an object of the model's resource.
    pub(crate) fn is_of_model(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

/// Maps the objects of a page, in their order. Hooks that wait for something are waited for together.
pub(crate) async fn map_page(
    model: &'static Model,
    objects: Vec<Result<Bytes, Failure>>,
    context: &Context,
) -> Vec<Mapped> {
    let mapping: Vec<_> = objects
        .into_iter()
        .map(|object| match object {
            Ok(json) => begin(model, json, context),
            Err(failure) => Begun::Done(Mapped::Failed(failure)),
        })
        .collect();
    if model.parts.map_hooks.is_none() {
        let mut mapped = Vec::with_capacity(mapping.len());
        for begun in mapping {
            mapped.push(map_begun(model, begun, context).await);
        }
        return mapped;
    }
    let mapping: Vec<_> = mapping
        .into_iter()
        .map(|begun| map_begun(model, begun, context))
        .collect();
    let mapping = stream::iter(mapping).buffered(HOOKS_AT_ONCE);
    context.timed(mapping.collect()).await
}

/// Maps one object, with the model's mapping hooks if it has any. A hook that panics, or the type of a column, fails this
/// object alone.
pub(crate) async fn map(model: &'static Model, json: Bytes, context: &Context) -> Mapped {
    map_begun(model, begin(model, json, context), context).await
}

/// An object that was looked at.
enum Begun {
    /// Nothing needs to be waited for.
    Done(Mapped),
    /// Elements of its lists are rows, too.
    Row(Box<KeyedRow>, Vec<Elements>),
    /// Hooks of the model make its row, or need it.
    Hooked { id: String, json: Bytes },
}

/// Does what needs no waiting: most models have no hooks, and their objects need no future each.
fn begin(model: &'static Model, json: Bytes, context: &Context) -> Begun {
    // Before anything sees the object that could keep it.
    let json = match keeps_documents(model) {
        true => without_secrets(json),
        false => json,
    };
    calls::call(|| read(model, &json, context))
        .unwrap_or_else(|error| Err(panicked(&json, &error)))
        .unwrap_or_else(|failure| Begun::Done(Mapped::Failed(failure)))
}

async fn map_begun(model: &'static Model, begun: Begun, context: &Context) -> Mapped {
    let (id, json) = match begun {
        Begun::Done(mapped) => return mapped,
        Begun::Row(row, lists) => {
            let sets = sets::map_all(model, &row.id, lists, context).await;
            return Mapped::Row(Box::new(row.with_sets(model, sets)));
        }
        Begun::Hooked { id, json } => (id, json),
    };
    let mapping = context.call(map_hooked(model, id, json.clone(), context));
    mapping
        .await
        .unwrap_or_else(|error| Err(panicked(&json, &error)))
        .unwrap_or_else(Mapped::Failed)
}

/// Whether a model keeps anything of an object as it stands, so that a secret could be in it.
fn keeps_documents(model: &'static Model) -> bool {
    fn is_raw(node: &Node) -> bool {
        node.slots.iter().any(|(_, mode)| *mode == Mode::Raw) || node.children.iter().any(is_raw)
    }
    model.role(Role::Raw).is_some()
        || model.parts.map_hooks.is_some()
        || model.parts.sync.is_some()
        || model.parts.paths.iter().any(is_raw)
}

/// The failure of an object whose hook or type of a column returned nothing.
fn panicked(json: &[u8], error: &CallError) -> Failure {
    Failure::whole(id_of(json).unwrap_or_default(), error.to_string())
}

/// The failure of an object that does not map.
fn unmapped(id: impl Into<String>, error: &MapError) -> Failure {
    Failure {
        column: error.column().map(str::to_owned),
        ..Failure::whole(id, error.reason())
    }
}

fn read(model: &'static Model, json: &Bytes, context: &Context) -> Result<Begun, Failure> {
    let text = std::str::from_utf8(json)
        .map_err(|error| Failure::whole("", format!("not UTF-8: {error}")))?;
    let slots = Slots::read_json(model, text, context)
        .map_err(|error| unmapped(id_of(json).unwrap_or_default(), &error))?;
    let mut id = slots.id().map(str::to_owned);
    if let (true, Some(position)) = (model.is_of_elements(), context.position()) {
        // It may have an id all the same, and be of a resource.
        id = Some(position.to_string());
    } else if slots
        .object()
        .is_some_and(|object| object != model.object())
    {
        return Ok(Begun::Done(Mapped::Other(id.unwrap_or_default())));
    }
    let id = id.ok_or_else(|| Failure::whole("", "the object has no id"))?;
    if let Some(livemode) = slots.other_mode(context) {
        let mode = |livemode| if livemode { "live" } else { "test" };
        let (found, expected) = (mode(livemode), mode(!livemode));
        let reason = format!("expected an object of {expected} mode, got one of {found} mode");
        return Ok(Begun::Done(Mapped::OtherMode(Failure::whole(id, reason))));
    }
    if slots.is_deleted() {
        return Ok(Begun::Done(Mapped::Deleted(id)));
    }
    // As Stripe sent it: what a hook makes of it is no matter of the list.
    if slots.is_outside() {
        return Ok(Begun::Done(Mapped::Outside(id)));
    }
    if model.parts.map_hooks.is_some() || model.parts.sync.is_some() {
        let json = json.clone();
        return Ok(Begun::Hooked { id, json });
    }
    let row = slots.row().map_err(|error| unmapped(&id, &error))?;
    if model.parts.declared.children.is_empty() {
        let row = KeyedRow::new(model, id, row, None);
        return Ok(Begun::Done(Mapped::Row(Box::new(row))));
    }
    let lists = sets::elements(model, &slots, json).map_err(|error| Failure::whole(&id, error))?;
    let row = KeyedRow::new(model, id, row, None);
    Ok(Begun::Row(Box::new(row), lists))
}

async fn map_hooked(
    model: &'static Model,
    id: String,
    json: Bytes,
    context: &Context,
) -> Result<Mapped, Failure> {
    let mut object =
        StripeObject::from_json(json).map_err(|error| Failure::whole(&id, error.to_string()))?;
    let row = hooks::map(model, &mut object, context).await;
    let row = row.map_err(|error| match error {
        MappingError::Map(error) => unmapped(&id, &error),
        MappingError::Hook(error) => Failure::whole(&id, error.to_string()),
    })?;
    let sets = match model.parts.declared.children.is_empty() {
        true => Vec::new(),
        // As the hooks left the object.
        false => {
            let json = object.clone().into_json();
            let lists = lists_of(model, &id, &json, context)?;
            sets::map_all(model, &id, lists, context).await
        }
    };
    let object = model.parts.sync.is_some().then_some(object);
    let row = KeyedRow::new(model, id, row, object).with_sets(model, sets);
    Ok(Mapped::Row(Box::new(row)))
}

/// The lists of an object whose elements are rows.
fn lists_of(
    model: &'static Model,
    id: &str,
    json: &Bytes,
    context: &Context,
) -> Result<Vec<Elements>, Failure> {
    let text = std::str::from_utf8(json).unwrap_or_default();
    let slots = Slots::read_json(model, text, context).map_err(|error| unmapped(id, &error))?;
    sets::elements(model, &slots, json).map_err(|error| Failure::whole(id, error))
}
