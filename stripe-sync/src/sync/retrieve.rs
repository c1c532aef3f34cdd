//! One object by its id: whether Stripe has such an endpoint, the request, and the object with its lists.

use bytes::Bytes;
use stripe_sync_schema::catalogue::{self, Resource};

use super::SyncError;
use super::inline;
use super::write::Writer;
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

impl Writer<'_> {
    /// Who asks Stripe for what is written.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            stripe: self.stripe,
            meter: self.meter,
            account: None,
        }
    }
}

/// An object as Stripe answered it; its lists may be cut.
#[derive(Debug, Clone)]
pub(crate) struct Retrieved {
    pub(crate) object: Bytes,
    /// Stripe's clock when it answered, in unix seconds.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only events are compared with it")
    )]
    pub(crate) date: Option<i64>,
}

/// One object by its id, with all elements of the lists that the model keeps; `None` if Stripe does not know it.
///
/// # Errors
/// When Stripe refuses or cannot be reached; [`SyncError::Object`] when it refuses the rest of a list.
pub(crate) async fn retrieve(
    reader: Reader<'_>,
    model: &'static Model,
    id: &str,
) -> Result<Option<Bytes>, SyncError> {
    match retrieve_cut(reader, model, id).await? {
        Some(retrieved) => inline::complete(reader, model, retrieved.object)
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// One object by its id, as Stripe answers it; `None` if Stripe does not know it.
///
/// # Errors
/// When Stripe refuses or cannot be reached.
pub(crate) async fn retrieve_cut(
    reader: Reader<'_>,
    model: &'static Model,
    id: &str,
) -> Result<Option<Retrieved>, SyncError> {
    let request = retrieve_request(model, id)?;
    match reader.get(request).await {
        Ok(response) => Ok(Some(Retrieved {
            object: response.body,
            date: response.date,
        })),
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
