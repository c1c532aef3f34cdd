//! One object by its id: whether Stripe has such an endpoint, and the request.

use stripe_sync_schema::catalogue::{self, Resource};

use super::SyncError;
use crate::client::Request;
use crate::model::Model;

/// The facts about a model's resource.
pub(crate) fn resource(model: &'static Model) -> Option<&'static Resource> {
    catalogue::resource(model.object())
}

/// Whether Stripe answers one object of the model's resource by its id.
pub(super) fn is_retrievable(model: &'static Model) -> bool {
    resource(model).is_some_and(|resource| resource.retrieve.is_some())
}

/// The request for one object of the model's resource.
///
/// # Errors
/// When the resource has no such endpoint.
pub(crate) fn retrieve_request(model: &'static Model, id: &str) -> Result<Request, SyncError> {
    let template = resource(model)
        .and_then(|resource| resource.retrieve)
        .ok_or(SyncError::NotRetrievable {
            model: model.name(),
            object: model.object(),
        })?;
    let request = match template.split_once("/{id}") {
        Some((before, after)) => {
            let mut request = Request::get(before).segment(id);
            request.path.push_str(after);
            request
        }
        None => Request::get(template),
    };
    Ok(request.endpoint(template))
}
