//! One object by its id: whether Stripe has such an endpoint, and the request.

use stripe_sync_schema::catalogue::Resource;

use crate::client::Response;
use crate::model::Model;
use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::list::Reader;
use crate::sync::list::expand;
use crate::sync::list::page::id_of;
use crate::sync::list::pager::request_at;
use crate::sync::list::plan::resource;
use crate::sync::object::parents::{are_in_rows, parent_of};
use crate::sync::object::{ModelRun, Parent};

/// A read of one object.
#[derive(Clone)]
pub(crate) struct Read {
    /// A token from before it.
    pub(crate) start: i64,
    /// The object as Stripe answered it, whose lists may be cut; `None` if Stripe does not know it.
    pub(crate) found: Option<Response>,
}

/// One object by its id, as Stripe answers it; `None` if Stripe does not know it.
///
/// # Errors
/// When Stripe refuses or cannot be reached, or answers about another object; or when the object is read below its parent and
/// that is not known.
pub(crate) async fn retrieve(run: &ModelRun<'_>, id: &str) -> Result<Option<Response>, SyncError> {
    let reader = &run.reader;
    let template = resource(run.model).and_then(|resource| resource.retrieve);
    let (request, parent) = match template {
        Some(template) => (request_at(template, id), None),
        None => {
            let parent = known_parent(run, id).await?;
            (parent.request(id), Some(parent))
        }
    };
    match reader.get(expand::of_object(request, run.model)).await {
        Ok(response) => checked(run.model, id, response).map(Some),
        Err(error) if error.is_missing() => {
            if let Some(parent) = parent {
                believe(reader, &parent).await?;
            }
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The parent below which an object is read.
async fn known_parent(run: &ModelRun<'_>, id: &str) -> Result<Parent, SyncError> {
    check_readable(run.model)?;
    if let Some(parent) = parent_of(run, id).await? {
        return Ok(parent);
    }
    let members = resource(run.model)
        .into_iter()
        .flat_map(|found| &found.under);
    let members: Vec<String> = members.map(|under| format!("`{}`", under.member)).collect();
    Err(SyncError::NoParent {
        model: run.model.name(),
        id: id.to_owned(),
        members: members.join(" or "),
    })
}

/// Believes that an object is not there if its parent answers for itself, or is gone for certain. A parent that may not be
/// read says nothing of its objects.
async fn believe(reader: &Reader, parent: &Parent) -> Result<(), SyncError> {
    let Some(request) = parent.own_request() else {
        return Ok(());
    };
    match reader.get(request).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_missing() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Checks that an answer is about the object that was asked for: what is said of another one is nothing that was asked.
fn checked(model: &'static Model, id: &str, response: Response) -> Result<Response, SyncError> {
    let found = id_of(&response.body);
    if found.as_deref() == Some(id) || !is_named(model) {
        return Ok(response);
    }
    let found = found.map_or("none".to_owned(), |found| format!("`{found}`"));
    Err(SyncError::Object {
        model: model.name(),
        failure: Failure::whole(id, format!("expected an object with this id, got {found}")),
    })
}

/// Whether the request for one object has its id; of a few resources an account has only one object.
fn is_named(model: &'static Model) -> bool {
    let template = resource(model).and_then(|resource| resource.retrieve);
    template.is_none_or(|template| template.contains("{id}"))
}

/// Whether any object of a model that has a row can be read by its id.
pub(crate) fn is_retrievable(model: &'static Model) -> bool {
    let has_own = resource(model).is_some_and(|resource| resource.retrieve.is_some());
    !model.is_owned_by_list() && (has_own || are_in_rows(model))
}

/// Whether an object of a model can be read by its id if its parent is known.
pub(crate) fn is_readable(model: &'static Model) -> bool {
    let is = |resource: &Resource| resource.retrieve.is_some() || !resource.under.is_empty();
    !model.is_owned_by_list() && resource(model).is_some_and(is)
}

/// Checks that there is an endpoint which answers one object of the model's resource.
///
/// # Errors
/// When there is none.
pub(crate) fn check_readable(model: &'static Model) -> Result<(), SyncError> {
    match is_readable(model) {
        true => Ok(()),
        false => Err(SyncError::NotRetrievable {
            model: model.name(),
            object: model.object(),
        }),
    }
}
