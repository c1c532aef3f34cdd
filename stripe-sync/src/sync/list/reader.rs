//! Who asks Stripe for lists and objects.

use std::sync::Arc;

use crate::client::{ClientError, Meter, Request, Response, Stripe};
use crate::sync::error::SyncError;
use crate::sync::list::{Pager, Warnings};

/// Who asks Stripe. Cheap to clone; all clones count and warn in the same place.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) stripe: Stripe,
    pub(crate) meter: Arc<Meter>,
    /// The connected account to ask as; the key's own when `None`.
    pub(crate) account: Option<String>,
    /// Where what is odd in the answers is said, if objects are completed.
    pub(crate) warnings: Arc<Warnings>,
}

impl Reader {
    /// Asks as the key's own account.
    pub(crate) fn new(stripe: &Stripe) -> Self {
        Self {
            stripe: stripe.clone(),
            meter: Arc::default(),
            account: None,
            warnings: Arc::default(),
        }
    }

    /// Sends a request to read something.
    ///
    /// # Errors
    /// When Stripe refuses, or cannot be reached.
    pub(crate) async fn get(&self, request: Request) -> Result<Response, ClientError> {
        let request = match &self.account {
            Some(account) => request.account(account.as_str()),
            None => request,
        };
        self.stripe.get(request, &self.meter).await
    }
}

impl Pager {
    /// Asks for the next page. Where the cursor's object vanished, the list goes on from another place.
    ///
    /// # Errors
    /// When Stripe refuses or cannot be reached, or the list was begun again too often.
    pub(crate) async fn fetch(&mut self, reader: &Reader) -> Result<Response, SyncError> {
        loop {
            match reader.get(self.request()).await {
                Err(error) if error.missing_param() == Some("starting_after") => self.vanished()?,
                answer => return Ok(answer?),
            }
        }
    }
}
