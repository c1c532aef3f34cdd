//! Who asks Stripe for lists and objects.

use crate::client::{ClientError, Meter, Request, Response, Stripe};
use crate::sync::error::SyncError;
use crate::sync::list::{Pager, Warnings};

/// Who asks Stripe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) stripe: &'a Stripe,
    pub(crate) meter: &'a Meter,
    /// The connected account to ask as; the key's own when `None`.
    pub(crate) account: Option<&'a str>,
    /// Where what is odd in the answers is said, if objects are completed.
    pub(crate) warnings: Option<&'a Warnings>,
}

impl Reader<'_> {
    /// Sends a request to read something.
    ///
    /// # Errors
    /// When Stripe refuses, or cannot be reached.
    pub(crate) async fn get(self, request: Request) -> Result<Response, ClientError> {
        let request = match self.account {
            Some(account) => request.account(account),
            None => request,
        };
        self.stripe.get(request, self.meter).await
    }
}

impl Pager {
    /// Asks for the next page. Where the cursor's object vanished, the list goes on from another place.
    ///
    /// # Errors
    /// When Stripe refuses or cannot be reached, or the list was begun again too often.
    pub(crate) async fn fetch(&mut self, reader: Reader<'_>) -> Result<Response, SyncError> {
        loop {
            match reader.get(self.request()).await {
                Err(error) if error.missing_param() == Some("starting_after") => self.vanished()?,
                answer => return Ok(answer?),
            }
        }
    }
}
