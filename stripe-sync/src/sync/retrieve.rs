//! One object by its id: whether Stripe has such an endpoint, and the request.

use stripe_sync_schema::catalogue::{self, Resource};

use super::SyncError;
use crate::client::{ClientError, Meter, Request, Response, Stripe};
use crate::model::Model;

/// Who asks Stripe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) stripe: &'a Stripe,
    pub(crate) meter: &'a Meter,
    /// The connected account to ask as; the key's own when `None`.
    pub(crate) account: Option<&'a str>,
}

impl Reader<'_> {
    /// Sends a request to read something.
    ///
    /// # Errors
    /// When Stripe refuses, or cannot be reached.
    pub(super) async fn get(self, request: Request) -> Result<Response, ClientError> {
        let request = match self.account {
            Some(account) => request.account(account),
            None => request,
        };
        self.stripe.get(request, self.meter).await
    }
}

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
/// When Stripe refuses or cannot be reached.
pub(crate) async fn retrieve(
    reader: Reader<'_>,
    model: &'static Model,
    id: &str,
) -> Result<Option<Response>, SyncError> {
    match reader.get(retrieve_request(model, id)?).await {
        Ok(response) => Ok(Some(response)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

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
